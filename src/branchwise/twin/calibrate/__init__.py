"""From a bank's own days to a scenario of the twin, with intervals."""

from branchwise.twin.calibrate.assemble import scenario_for
from branchwise.twin.calibrate.branch import calibrate
from branchwise.twin.calibrate.model import Calibration, DayLeftOut, Parameter
from branchwise.twin.calibrate.uncertainty import perturbed

__all__ = ["Calibration", "DayLeftOut", "Parameter", "calibrate", "perturbed", "scenario_for"]
