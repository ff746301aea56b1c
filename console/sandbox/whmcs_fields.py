"""Custom fields as they are sent: base64 of PHP serialize(). Knows neither clients nor services."""

from collections.abc import Collection

from console.sandbox.php import serialised_map


def sent_fields(text: str, known: Collection[int]) -> dict[int, str]:
    """The values of known fields in a serialised map; what cannot be read goes unread, as WHMCS does.

    Source: whmcs-api.md 4.7.
    """
    try:
        values = serialised_map(text)
    except ValueError:
        return {}
    return {
        key: "" if value is None else str(int(value) if isinstance(value, bool) else value)
        for key, value in values.items()
        if isinstance(key, int) and key in known and not isinstance(value, dict)
    }
