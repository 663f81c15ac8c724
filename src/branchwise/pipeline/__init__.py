"""One module a verb: the only place that joins the stages."""
