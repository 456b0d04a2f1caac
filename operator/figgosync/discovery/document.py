"""The report as JSON, for programs: docs/discover.md lists its keys."""

import json

from figgosync.discovery.report import Addresses, Entity, Report

FORMAT = 1
"""Raised when a key goes or changes its meaning; a new key does not raise it."""


def as_json(report: Report) -> str:
    """Return one JSON object, in ASCII: it arrives whole whatever the terminal's encoding is."""
    return json.dumps(_document(report), indent=2) + "\n"


def _document(report: Report) -> dict[str, object]:
    people, absences, clock = report.people, report.absences, report.clock
    return {
        "format": FORMAT,
        "tenant": {"namespace": report.tenant.namespace, "name": report.tenant.name},
        "figgo": report.url,
        "legalEntities": [_entity(each) for each in report.entities],
        "notVisible": list(report.not_visible),
        "employees": {
            "current": people.current,
            "former": people.former,
            "served": people.served,
            "withoutLegalEntity": people.homeless,
            "unknown": list(people.unknown),
        },
        "addresses": [_addresses(each) for each in report.addresses],
        "absences": {
            "from": absences.first_day.isoformat(),
            "count": absences.absences,
            "halfDays": absences.half_days,
            "types": [
                {
                    "id": each.id,
                    "name": each.name,
                    "remoteWork": each.remote_work,
                    "absences": each.absences,
                }
                for each in absences.types
            ],
        },
        "pending": {
            "listed": True if absences.pending else None,
            "halfDays": absences.pending,
        },
        "since": [
            {
                "field": each.field,
                "accepted": each.accepted,
                "status": each.status,
                "trouble": each.trouble,
            }
            for each in report.since
        ],
        "timestamps": {
            "zone": clock.zone.value,
            "hoursAhead": clock.hours_ahead,
            "lately": clock.lately,
        },
        "requests": {"sent": report.effort.requests, "perMinute": report.effort.per_minute},
    }


def _entity(entity: Entity) -> dict[str, object]:
    return {
        "id": entity.id,
        "name": entity.name,
        "timeZone": entity.time_zone,
        "timeZoneKnown": entity.zone_known,
        "archived": entity.archived,
        "served": entity.served,
        "current": entity.current,
        "former": entity.former,
        "absences": entity.absences,
    }


def _addresses(addresses: Addresses) -> dict[str, object]:
    return {
        "attribute": addresses.source.value,
        "chosen": addresses.chosen,
        "usable": addresses.usable,
        "missing": addresses.missing,
        "shared": addresses.shared,
        "notAllowed": addresses.not_allowed,
    }
