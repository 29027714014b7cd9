"""Claims: what shops took without a net, and the redemptions that came of it."""

from __future__ import annotations

from gutschein.auditor.check import Check

#: The terms that a device could know: those in force when its outage began.
_WITH_TERMS = """
    SELECT c.*, t.begins_at, t.enabled, t.voucher_cents, t.device_cents, t.outage_minutes,
           t.bearer AS terms_bearer
    FROM claim c
    LEFT JOIN offline_terms t ON t.town_id = c.town_id AND t.begins_at = (
        SELECT max(begun.begins_at) FROM offline_terms begun
        WHERE begun.town_id = c.town_id AND begun.begins_at <= c.outage_began_at
    )
"""

ACCEPTED = Check(
    number="A77",
    title="Every accepted claim has become the redemption of its id, of the same shop, voucher"
    " and amount",
    over=("claim",),
    finds="""
        SELECT c.town_id, c.id AS row_id, c.amount_cents, c.amount_cents AS expected_cents,
               r.amount_cents AS actual_cents,
               CASE WHEN r.id IS NULL THEN 'missing' ELSE 'other' END AS fault
        FROM claim c
        LEFT JOIN redemption r ON r.town_id = c.town_id AND r.id = c.id
        WHERE c.outcome = 'accepted'
          AND (r.id IS NULL
               OR (r.merchant_id, r.branch_id, r.issuing_town_id, r.voucher_id, r.amount_cents)
                  <> (c.merchant_id, c.branch_id, c.issuing_town_id, c.voucher_id,
                      c.amount_cents))
    """,
    says={
        "missing": "A claim of {amount} was accepted, but there is no redemption of it.",
        "other": "A claim of {amount} was accepted, but its redemption of {actual} is of another"
        " shop, voucher or amount.",
    },
)

# Afterwards a till may use the id once more, for an ordinary redemption.
DISPUTED = Check(
    number="A78",
    title="A disputed claim has moved no money",
    over=("claim",),
    finds="""
        SELECT c.town_id, c.id AS row_id, c.reason, 'no redemption' AS expected,
               r.amount_cents AS actual_cents
        FROM claim c
        JOIN redemption r ON r.town_id = c.town_id AND r.id = c.id
        WHERE c.outcome = 'disputed' AND r.redeemed_at <= c.decided_at
    """,
    says="A claim was disputed ({reason}), but {actual} were redeemed for it.",
)

# One whose redemption was there before it was sent had been sent as an ordinary one.
WITHIN_TERMS = Check(
    number="A79",
    title="What was taken without a net kept within the town's terms: when, from one voucher, by"
    " one device",
    over=("claim", "offline_terms"),
    finds=f"""
        SELECT town_id, id AS row_id, fault, amount_cents, claimed_at,
               CASE fault WHEN 'voucher' THEN voucher_cents
                          WHEN 'device' THEN device_cents END AS limit_cents,
               CASE fault WHEN 'voucher' THEN of_voucher_cents
                          WHEN 'device' THEN of_device_cents END AS actual_cents
        FROM (
            SELECT taken.*,
                   CASE WHEN enabled IS NOT TRUE OR begins_at IS DISTINCT FROM terms_begun_at
                        THEN 'terms'
                        WHEN claimed_at < outage_began_at - interval '1 minute'
                             OR claimed_at > outage_began_at
                                             + outage_minutes * interval '1 minute'
                             OR claimed_at > received_at + interval '1 minute' THEN 'time'
                        WHEN of_voucher_cents > voucher_cents THEN 'voucher'
                        WHEN of_device_cents > device_cents THEN 'device' END AS fault
            FROM (
                SELECT c.*,
                       sum(c.amount_cents) OVER (
                           PARTITION BY c.town_id, c.device_id, c.outage_began_at
                       ) AS of_device_cents,
                       sum(c.amount_cents) OVER (
                           PARTITION BY c.town_id, c.device_id, c.outage_began_at,
                                        c.issuing_town_id, c.voucher_id
                       ) AS of_voucher_cents
                FROM ({_WITH_TERMS}) c
                LEFT JOIN redemption r ON r.town_id = c.town_id AND r.id = c.id
                WHERE c.outcome <> 'disputed' AND (r.redeemed_at < c.received_at) IS NOT TRUE
            ) taken
        ) judged
        WHERE fault IS NOT NULL
    """,  # noqa: S608 - of our own text
    says={
        "terms": "{amount} were taken without a net at {claimed_at}, when the town did not allow"
        " that, or under other terms.",
        "time": "{amount} were taken at {claimed_at}, not within the time that the town allows"
        " without a net.",
        "voucher": "{actual} were taken from one voucher without a net, where {limit} are allowed.",
        "device": "{actual} were taken by one device without a net, where {limit} are allowed.",
    },
)

BEARERS = Check(
    number="A80",
    title="The town bears a disputed claim only where its terms say so",
    over=("claim", "offline_terms"),
    finds=f"""
        SELECT c.town_id, c.id AS row_id, c.amount_cents,
               coalesce(c.terms_bearer, 'merchant') AS expected, c.bearer AS actual
        FROM ({_WITH_TERMS}) c
        WHERE c.bearer = 'town' AND c.terms_bearer IS DISTINCT FROM 'town'
    """,  # noqa: S608 - of our own text
    says="A disputed claim of {amount} is borne by the {actual}, not by the {expected}.",
)

CHECKS = (ACCEPTED, DISPUTED, WITHIN_TERMS, BEARERS)
