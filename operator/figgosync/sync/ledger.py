"""Keeps account of what became of each look at a calendar: a log line and the metrics."""

import logging

from figgosync.core.tenant import TenantName
from figgosync.metrics import Metrics
from figgosync.sync.work import Outcome

log = logging.getLogger(__name__)


class Ledger:
    """Of one tenant. A look that changed nothing is counted and not logged."""

    def __init__(self, tenant: TenantName, metrics: Metrics) -> None:
        self._tenant = tenant
        self._metrics = metrics

    def enter(self, outcome: Outcome) -> None:
        """Enter one outcome; employees appear by their Figgo id alone."""
        extra = {"tenant": str(self._tenant), "employee": outcome.place.assignment.employee}
        report, error = outcome.report, outcome.error
        self._metrics.reconcile.observe(outcome.took)
        if error is not None:
            self._metrics.reconciles.labels(error.reason.value).inc()
            log.warning("calendar not served", extra=extra | {"reason": error.reason.value})
            return
        self._metrics.reconciles.labels("ok").inc()
        if report is None or not report.writes:
            return
        log.info("calendar written", extra=extra | {"writes": report.writes})
        for kind, number in report.writes.items():
            self._metrics.writes.labels(kind).inc(number)
        if outcome.waited is not None:
            self._metrics.reflect.observe(outcome.waited.total_seconds())
