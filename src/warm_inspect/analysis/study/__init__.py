"""Everything that the report shows of one study, computed from its observations, and the files that hold it.

`analyse` runs every analysis and gives an `AnalysedStudy`; `write_tables` writes its tables, `write_share` what can be
shared of its replies.
"""

from warm_inspect.analysis.study.analysis import FLIP_RATE, MINIMUM_DETECTABLE, AnalysedStudy, analyse
from warm_inspect.analysis.study.dose import WARMTH
from warm_inspect.analysis.study.export import write_share
from warm_inspect.analysis.study.files import PUBLISHED_CELLS, write_estimates, write_families, write_tables
from warm_inspect.analysis.study.rate_bounds import BOUNDED
from warm_inspect.analysis.study.rates import headline_effects, headline_rates
from warm_inspect.analysis.study.traffic import Traffic, read_traffic
from warm_inspect.analysis.study.traffic_effects import PLAIN, TRAFFIC
from warm_inspect.analysis.study.warnings import ENOUGH_SEEDS

__all__ = [
    "BOUNDED", "ENOUGH_SEEDS", "FLIP_RATE", "MINIMUM_DETECTABLE", "PLAIN", "PUBLISHED_CELLS", "TRAFFIC", "WARMTH",
    "AnalysedStudy", "Traffic", "analyse", "headline_effects", "headline_rates", "read_traffic", "write_estimates",
    "write_families", "write_share", "write_tables",
]  # fmt: skip
