"""Names of the models and reasons for choosing them, as people read them."""

from __future__ import annotations

from collections.abc import Mapping

from branchwise.core.languages import Text
from branchwise.models.forecast.series import Reason

MODELS: Mapping[str, Text] = {
    "seasonal_naive": Text(en="last season again", zh_hant="沿用上一週期", zh_hans="沿用上一周期"),
    "slot_means": Text(en="slot means", zh_hant="同時段平均", zh_hans="同时段平均"),
    "recent_slot_means": Text(
        en="recent slot means", zh_hant="近期同時段平均", zh_hans="近期同时段平均"
    ),
    "structural": Text(en="level and profile", zh_hant="水準與時段分佈", zh_hans="水平与时段分布"),
    "auto_ets": Text(en="exponential smoothing", zh_hant="指數平滑", zh_hans="指数平滑"),
    "optimised_theta": Text(en="optimised theta", zh_hant="優化 Theta", zh_hans="优化 Theta"),
    "auto_ces": Text(
        en="complex exponential smoothing", zh_hant="複指數平滑", zh_hans="复指数平滑"
    ),
    "mstl": Text(en="seasonal-trend decomposition", zh_hant="季節趨勢分解", zh_hans="季节趋势分解"),
    "boosted": Text(en="boosted trees", zh_hant="梯度提升樹", zh_hans="梯度提升树"),
    "combination": Text(en="combination", zh_hant="組合預測", zh_hans="组合预测"),
}
REASONS: Mapping[Reason, Text] = {
    "best_in_back_test": Text(en="best in the back-test", zh_hant="回測最佳", zh_hans="回测最佳"),
    "no_better_than_plain": Text(
        en="nothing was better than the plain one in the back-test",
        zh_hant="回測中無模型優於簡單預測",
        zh_hans="回测中无模型优于简单预测",
    ),
    "too_short_to_test": Text(
        en="too short to test", zh_hant="資料太短，無法回測", zh_hans="数据太短，无法回测"
    ),
    "constant": Text(en="it never changes", zh_hant="數值不變", zh_hans="数值不变"),
    "all_zero": Text(en="it is always zero", zh_hant="始終為零", zh_hans="始终为零"),
    "no_values": Text(en="it has no values", zh_hant="沒有數值", zh_hans="没有数值"),
}
