"""The acts upon a simulated Figgo tenant that another process may order by name."""

from collections.abc import Mapping

from figgosync_sim.control import Verb, fault_verbs
from figgosync_sim.figgo.misbehaviour import RepeatPage, WrongCount
from figgosync_sim.figgo.simulator import FiggoSimulator
from figgosync_sim.figgo.state import FiggoState


def figgo_verbs(simulator: FiggoSimulator) -> Mapping[str, Verb]:
    """Return the verbs: every act on the state, a few looks at it, and the ordering of faults."""
    state = simulator.state
    acts: tuple[Verb, ...] = (
        state.book,
        state.approve,
        state.refuse,
        state.cancel,
        state.request_cancellation,
        state.refuse_cancellation,
        state.edit,
        state.change_account,
        state.give_back,
        state.hire,
        state.move,
        state.change_mail,
        state.change_login,
        state.rename,
        state.rename_account,
        state.delete_account,
        state.end_contract,
        state.add_key,
        state.set_key,
        state.revoke_key,
        state.hide_rows_of,
        state.hide_legal_entity,
        state.show_legal_entity,
    )
    return {
        **{act.__name__: act for act in acts},
        **_looks(state),
        **fault_verbs(simulator.faults, {"repeat_page": RepeatPage, "wrong_count": WrongCount}),
    }


def _looks(state: FiggoState) -> Mapping[str, Verb]:
    def people() -> list[dict[str, object]]:
        return [
            {"id": p.id, "name": p.name, "mail": p.mail, "legalEntity": p.legal_entity}
            for p in state.people.values()
        ]

    def accounts() -> list[dict[str, object]]:
        return [{"id": a.id, "name": a.name} for a in state.accounts.values()]

    def periods(owner: int) -> list[dict[str, object]]:
        return [
            {
                "id": period.id,
                "confirmed": period.confirmed,
                "halfDays": [
                    [leave.day.isoformat(), "AM" if leave.am else "PM"]
                    for leave in period.active_leaves()
                ],
            }
            for period in state.leave_book.periods.values()
            if period.owner == owner
        ]

    return {"people": people, "accounts": accounts, "periods": periods}
