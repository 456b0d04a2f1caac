"""What is done to the expressions of the alerts to make them worse: one line for each part.

Each is a name, and a regular expression with what replaces it in the rule's `expr`.
"""

_UNLESS = r"\s*unless on \(tenant_namespace, tenant\)\s*"
_SUSPENDED = _UNLESS + r"last_over_time\(figgosync_tenant_suspended[^)]*\) == 1"
_RESTART = r"(?:last|max)_over_time\((figgosync_\w+\{[^}]*\})\[\w+\]\)"
_JOB = r'job="[^"]*",?'
_NO_SUSPENSION = ("suspension is ignored", _SUSPENDED, "")
_NO_MEMORY = ("a restart is forgotten", _RESTART, r"\1")
_EVERY_RELEASE = ("another release's series count", _JOB, "")
_PODS_APART = (
    "each pod for itself",
    r"by \(tenant_namespace, tenant\)",
    "by (tenant_namespace, tenant, pod)",
)
_READY_NOW = _UNLESS + r"figgosync_tenant_ready\{[^}]*\} == 1"

WORSE: dict[str, list[tuple[str, str, str]]] = {
    "FiggosyncTenantStale": [
        _NO_SUSPENSION,
        _NO_MEMORY,
        _EVERY_RELEASE,
        _PODS_APART,
        ("the older pod counts", r"time\(\) - max", "time() - min"),
        ("no floor", r"900", "1"),
        ("a higher floor", r"900", "961"),
        ("fewer intervals", r"\b6 \*", "5 *"),
        ("more intervals", r"\b6 \*", "7 *"),
        ("fresh ones are reported", r"> clamp_min", "< clamp_min"),
    ],
    "FiggosyncCredentialsRefused": [
        _NO_SUSPENSION,
        _EVERY_RELEASE,
        (
            "a restart is forgotten",
            r"last_over_time\((figgosync_tenant_ready\{[^}]*\})\[5m\]\)",
            r"\1",
        ),
        ("a longer memory", r"(figgosync_tenant_ready\{[^}]*\})\[5m\]", r"\1[10m]"),
        ("readiness does not end it", _READY_NOW, ""),
        ("ready ones are reported", r"== 0", "== 1"),
        *[
            (f"{reason} is not known", rf"\|?\b{reason}\b\|?", "|")
            for reason in (
                "CredentialsRefused",
                "ImpersonationDenied",
                "SecretNotFound",
                "SecretNotLabelled",
                "SecretKeyMissing",
            )
        ],
        ("any reason is one", r"reason=~", "reason!~"),
    ],
    "FiggosyncTenantNotReady": [
        _NO_SUSPENSION,
        _NO_MEMORY,
        _EVERY_RELEASE,
        ("any reason is one", r"reason!~", "job=~"),
        ("one pod that does not get through is enough", r"max by", "min by"),
        ("ready ones are reported", r"== 0", "== 1"),
        *[
            (f"{reason} is a trouble", rf"{reason}\|", "")
            for reason in (
                "Pending",
                "Progressing",
                "CredentialsRefused",
                "ImpersonationDenied",
                "SecretNotFound",
                "SecretNotLabelled",
            )
        ],
        ("SecretKeyMissing is a trouble", r"\|SecretKeyMissing", ""),
    ],
    "FiggosyncEmployeesFailing": [
        _NO_SUSPENSION,
        _NO_MEMORY,
        _EVERY_RELEASE,
        _PODS_APART,
        ("a shorter memory", r"\[15m\]", "[5m]"),
        ("a longer memory", r"\[15m\]", "[40m]"),
        ("one is not enough", r"> 0", "> 1"),
        ("none is enough", r"> 0", ">= 0"),
    ],
    "FiggosyncManyEmployeesFailing": [
        _NO_SUSPENSION,
        _NO_MEMORY,
        _EVERY_RELEASE,
        _PODS_APART,
        ("ten are enough", r"> 10", ">= 10"),
        ("eleven are not enough", r"> 10", "> 11"),
    ],
    "FiggosyncDeletionsBlocked": [
        _NO_SUSPENSION,
        _NO_MEMORY,
        _EVERY_RELEASE,
        _PODS_APART,
        ("none is enough", r"> 0", ">= 0"),
        ("many are not enough", r"> 0", "> 1000"),
    ],
    "FiggosyncOtherSyncActive": [
        _NO_MEMORY,
        _EVERY_RELEASE,
        ("pods are added up", r"max by", "sum by"),
        ("the pod that sees none counts", r"max by", "min by"),
        ("an operator that has just started sees none", r"max_over_time", "last_over_time"),
        ("a longer memory", r"\[5m\]", "[15m]"),
        ("none is enough", r"> 0", ">= 0"),
        ("one is not enough", r"> 0", "> 1"),
    ],
    "FiggosyncInitialisationFailed": [
        _EVERY_RELEASE,
        ("reasons are added up", r"sum by \(reason\)", "sum"),
        ("any end is one", r', reason=~"[^"]*"', ""),
        *[
            (f"{reason} is none", rf"\|?\b{reason}\b\|?", "|")
            for reason in ("ValidationFailed", "PlanChanged", "CompletedWithErrors")
        ],
        ("a counter that begins anew is nothing", r"increase\(", "delta("),
        ("half an hour", r"(increase[^[]*)\[1h\]", r"\1[30m]"),
        ("two hours", r"(increase[^[]*)\[1h\]", r"\1[2h]"),
        ("the first sample is nothing", r"\nor\n(?:.*\n?)*", ""),
        ("only the first sample counts", r"^(?:.*\n)*?or\n", ""),
        ("all that was ever counted", r"\n\s*and on.*\n.*3600", ""),
        ("old processes are young", r"< 3600", "< 7200"),
        ("young processes are old", r"< 3600", "< 1800"),
        ("a process that ends takes it along", r"last_over_time\((.*)\[1h\]\)", r"\1"),
        ("one young pod makes all young", r"on \(instance, pod\)", "on (job)"),
        ("pods are told apart by name alone", r"on \(instance, pod\)", "on (pod)"),
        ("pods are told apart by address alone", r"on \(instance, pod\)", "on (instance)"),
    ],
    "FiggosyncInitialisationStuck": [
        _NO_MEMORY,
        _EVERY_RELEASE,
        ("the older pod counts", r"max by", "min by"),
        (
            "each pod for itself",
            r"by \(tenant_namespace, initialisation\)",
            "by (tenant_namespace, initialisation, pod)",
        ),
        ("namesakes are one", r"by \(tenant_namespace, initialisation\)", "by (initialisation)"),
        ("a longer memory", r"\[5m\]", "[15m]"),
        ("nineteen minutes are too long", r"> 1200", "> 1140"),
        ("twenty are not", r"> 1200", "> 1260"),
    ],
    "FiggosyncThrottled": [
        _EVERY_RELEASE,
        ("systems are added up", r"sum by \(system\)", "sum"),
        ("pods are not added up", r"sum by", "max by"),
        ("a counter that begins anew is nothing", r"increase\(", "delta("),
        ("seven are enough", r"> 10", "> 7"),
        ("fifteen are not enough", r"> 10", "> 15"),
        ("a burst lasts", r"\[15m\]", "[45m]"),
    ],
    "FiggosyncOperatorDown": [
        _EVERY_RELEASE,
        ("what answers is ours", r"figgosync_build_info", "up"),
        ("those that run are reported", r"absent\((.*)\)", r"\1"),
    ],
    "FiggosyncOperatorNotReady": [
        _EVERY_RELEASE,
        _NO_MEMORY,
        ("the pod that is not ready counts", r"max by", "min by"),
        ("who is ready is reported", r"== 0", "== 1"),
        ("a start is remembered for longer", r"last_over_time", "min_over_time"),
    ],
    "FiggosyncOperatorRestarting": [
        _EVERY_RELEASE,
        ("crashes do not count", r"sum by.*\n\+ ", ""),
        ("new pods do not count", r"\n\+.*(?=\n>)", ""),
        ("the first pod counts", r" - 1", ""),
        ("four are not enough", r"> 3", "> 4"),
        ("three are enough", r"> 3", ">= 3"),
        ("half an hour", r"\[1h\]", "[30m]"),
        ("two hours", r"\[1h\]", "[2h]"),
    ],
    "FiggosyncEventLoopBlocked": [
        _EVERY_RELEASE,
        ("a counter that begins anew is nothing", r"rate\(", "deriv("),
        ("a twentieth is too much", r"> 0.1", "> 0.04"),
        ("a fifth is not", r"> 0.1", "> 0.21"),
        ("one hang lasts", r"\[10m\]", "[1m]"),
    ],
    "FiggosyncWatchStale": [
        _EVERY_RELEASE,
        _NO_MEMORY,
        ("the older pod counts", r"max by", "min by"),
        ("ten minutes are too long", r"> 1800", "> 500"),
        ("half an hour is not", r"> 1800", "> 1860"),
    ],
    "FiggosyncTenantNotServed": [
        (
            "another release's objects count",
            r'(figgosync_tenant_objects\{)job="[^"]*"(\})',
            r"\1\2",
        ),
        ("other operators do not count", r"(figgosync_operator_class_info)", r'\1{job="sys/op"}'),
        (
            "a restart is forgotten",
            r"last_over_time\((figgosync_operator_class_info)\[5m\]\)",
            r"\1",
        ),
        ("no objects are enough", r"> 0(?=\nunless)", ">= 0"),
        ("our own class is served for sure", r"\nor\n(?:.*\n?)*", ""),
        ("only our own class counts", r"^(?:.*\n)*?or\n", ""),
        ("any tenant counts for all", r"- on[^v]*?\(\n", r"- on () group_left () (\n1000 * "),
        (
            "pods are counted",
            r"count\(count by \(tenant_namespace, tenant\)",
            "count(count by (tenant, pod)",
        ),
        ("those of other releases serve ours", r"(figgosync_tenant_ready\{)job=[^}]*", r"\1"),
        (
            "a restart of ours is forgotten",
            r"last_over_time\((figgosync_tenant_ready\{[^}]*\})\[5m\]\)",
            r"\1",
        ),
        ("none at all is enough", r"\n\s*or vector\(0\)", ""),
        ("all of our class are missed", r"> 0$", ">= 0"),
    ],
}
