"""A strict, stateful stand-in for a Lucca tenant's legacy API (v3 and "v4" style)."""

from figgosync_sim.figgo.leaves import CANARY_COMMENT
from figgosync_sim.figgo.readings import (
    AccountForm,
    DateForm,
    ErrorForm,
    IdReuse,
    LeaveIdLead,
    Readings,
)
from figgosync_sim.figgo.running import RunningFiggo, figgo_simulator
from figgosync_sim.figgo.simulator import FiggoSimulator
from figgosync_sim.figgo.state import DEFAULT_KEY, FiggoState

__all__ = [
    "CANARY_COMMENT",
    "DEFAULT_KEY",
    "AccountForm",
    "DateForm",
    "ErrorForm",
    "FiggoSimulator",
    "FiggoState",
    "IdReuse",
    "LeaveIdLead",
    "Readings",
    "RunningFiggo",
    "figgo_simulator",
]
