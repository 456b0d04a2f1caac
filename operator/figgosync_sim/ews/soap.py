"""SOAP as Exchange speaks it: reading a request's envelope and writing an answer's."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from figgosync_sim.ews.errors import EWSError, SOAPFaultError

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"

S, M, T, E = (f"{{{namespace}}}" for namespace in (SOAP, MESSAGES, TYPES, ERRORS))

Element = etree._Element  # noqa: SLF001 - lxml gives the type no public name

# Entities and network access are off: what comes in is a stranger's.
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
)

# Verified [exchangelib 5.6.0 source]: the version is read from these attributes; a Version of the
# form V2..._ makes the client keep the version that it asked for.
_SERVER_VERSION = {
    "MajorVersion": "15",
    "MinorVersion": "2",
    "MajorBuildNumber": "1544",
    "MinorBuildNumber": "11",
    "Version": "V2017_07_11",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A SOAP request taken apart: its header elements by local name, and the operation."""

    headers: dict[str, Element]
    operation: Element

    @property
    def name(self) -> str:
        """Return the operation's name, such as CreateItem."""
        return etree.QName(self.operation).localname

    @property
    def impersonated(self) -> str | None:
        """Return the identity in the impersonation header as it was written, None without one."""
        header = self.headers.get("ExchangeImpersonation")
        return None if header is None else "".join(header.itertext()).strip()


def parse(body: bytes) -> Request:
    """Take an envelope apart. Raises SOAPFaultError(ErrorSchemaValidation) when it is not one.

    Verified [Microsoft's documentation shows such an answer]: even a parser's complaint comes back
    under that code.
    """
    try:
        envelope = etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError as error:
        raise SOAPFaultError("ErrorSchemaValidation", f"{error.msg}") from error
    content = envelope.find(f"{S}Body")
    if envelope.tag != f"{S}Envelope" or content is None or len(content) != 1:
        raise SOAPFaultError(
            "ErrorInvalidRequest", "The request is invalid: no operation in the body."
        )
    header = envelope.find(f"{S}Header")
    children = () if header is None else tuple(header.iterchildren(f"{T}*"))
    headers = {etree.QName(child).localname: child for child in children}
    if len(headers) != len(children):
        # Verified [ResponseCode page] for the impersonation header; assumed for the others.
        raise SOAPFaultError("ErrorMoreThanOneAccessModeSpecified", "A header stands twice.")
    return Request(headers, content[0])


def _envelope() -> tuple[Element, Element]:
    envelope = etree.Element(f"{S}Envelope", nsmap={"s": SOAP})
    header = etree.SubElement(envelope, f"{S}Header")
    version = etree.SubElement(header, f"{T}ServerVersionInfo", nsmap={"h": TYPES})
    for name, value in _SERVER_VERSION.items():
        version.set(name, value)
    return envelope, etree.SubElement(envelope, f"{S}Body")


def _written(envelope: Element) -> bytes:
    return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def answer(operation: str, messages: Iterable[Element]) -> bytes:
    """Wrap response messages into the answer of an operation."""
    envelope, body = _envelope()
    response = etree.SubElement(body, f"{M}{operation}Response", nsmap={"m": MESSAGES, "t": TYPES})
    etree.SubElement(response, f"{M}ResponseMessages").extend(messages)
    return _written(envelope)


def success(operation: str) -> Element:
    """Return a response message of success, to be filled."""
    message = etree.Element(
        f"{M}{operation}ResponseMessage",
        ResponseClass="Success",
        nsmap={"m": MESSAGES, "t": TYPES},
    )
    etree.SubElement(message, f"{M}ResponseCode").text = "NoError"
    return message


def failure(operation: str, error: EWSError) -> Element:
    """Return the response message of a refusal.

    Verified [messages schema]: in a response message MessageXml is of the messages namespace and
    the items' container stands even when it is empty.
    """
    message = etree.Element(
        f"{M}{operation}ResponseMessage",
        ResponseClass="Error",
        nsmap={"m": MESSAGES, "t": TYPES},
    )
    etree.SubElement(message, f"{M}MessageText").text = error.text
    etree.SubElement(message, f"{M}ResponseCode").text = error.code
    etree.SubElement(message, f"{M}DescriptiveLinkKey").text = "0"
    if error.hints:
        _hint(etree.SubElement(message, f"{M}MessageXml"), error)
    if operation in {"CreateItem", "UpdateItem", "GetItem"}:
        etree.SubElement(message, f"{M}Items")
    return message


def fault(error: EWSError) -> bytes:
    """Return a SOAP fault, in the form that Microsoft's documentation shows (verified)."""
    envelope, body = _envelope()
    element = etree.SubElement(body, f"{S}Fault")
    code = etree.SubElement(element, "faultcode", nsmap={"a": TYPES})
    code.text = f"a:{error.code}"
    sentence = etree.SubElement(element, "faultstring")
    sentence.text = error.text
    sentence.set("{http://www.w3.org/XML/1998/namespace}lang", "en-US")
    detail = etree.SubElement(element, "detail")
    etree.SubElement(detail, f"{E}ResponseCode", nsmap={"e": ERRORS}).text = error.code
    etree.SubElement(detail, f"{E}Message", nsmap={"e": ERRORS}).text = error.text
    if error.hints:
        _hint(etree.SubElement(detail, f"{T}MessageXml", nsmap={"t": TYPES}), error)
    return _written(envelope)


def _hint(parent: Element, error: EWSError) -> None:
    for name, value in error.hints.items():
        etree.SubElement(parent, f"{T}Value", Name=name).text = value
