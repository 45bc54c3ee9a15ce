"""What a run would meet on this machine: packages, disk, processor, the Hub, models and graders, before anything runs.

`examine` makes one `Finding` after the other: what is there, whether it will do, and one thing to do where it will not.
"""

from warm_inspect.doctor.examination import examine
from warm_inspect.doctor.finding import Finding, Readiness

__all__ = ["Finding", "Readiness", "examine"]
