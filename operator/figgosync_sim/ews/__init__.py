"""A strict, stateful stand-in for the EWS endpoint of an Exchange Server on premises."""

from figgosync_sim.ews.accounts import Account, Accounts, AccountState
from figgosync_sim.ews.authentication import Scheme
from figgosync_sim.ews.misbehaviour import Refuse, busy, busy_inside, redirect_to_owa
from figgosync_sim.ews.simulator import ExchangeSimulator, ews_simulator

__all__ = [
    "Account",
    "AccountState",
    "Accounts",
    "ExchangeSimulator",
    "Refuse",
    "Scheme",
    "busy",
    "busy_inside",
    "ews_simulator",
    "redirect_to_owa",
]
