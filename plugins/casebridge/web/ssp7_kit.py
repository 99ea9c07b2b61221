"""The texts that make SSP7 send its events, from the names in the inbox's profile."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape, quoteattr

from casebridge.web.profile import Ssp7Profile

PLACE = "PASTE-THE-SECRET-HERE"
"""Where the secret goes: a text of the kit never holds it."""
_APP = "Ticketing.TaskAssignment"


def kit(profile: Ssp7Profile, inbox: str) -> dict[str, str]:
    """Every text by its file name.

    Args:
        profile: The names of app fields.
        inbox: Address of the inbox, without a slash at its end.
    """
    return {
        "xslt_in.xslt": xslt_in(profile),
        "xslt_out.xslt": xslt_out(profile),
        "input.json": input_json(profile),
        "settings.md": settings(profile, inbox),
        "self_test.xml": self_test(profile),
    }


def xslt_in(profile: Ssp7Profile) -> str:
    """Makes a SOAP envelope of the adapter's neutral document: an element for each field, whatever its name."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<!-- XSLT In. It reads /SSPAdapterCall/Field[@Name] and posts every field to casebridge.
     Paste the secret below, unless your adapter sends the header {escape(profile.secret.header)}. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <xsl:output method="xml" encoding="utf-8"/>
  <xsl:template match="/SSPAdapterCall">
    <soap:Envelope>
      <soap:Body>
        <TicketEvent xmlns="urn:casebridge:ssp7">
          <Field Name={quoteattr(profile.secret.field)}>{PLACE}</Field>
          <xsl:for-each select="Field[@Name]">
            <Field Name="{{@Name}}"><xsl:value-of select="."/></Field>
          </xsl:for-each>
        </TicketEvent>
      </soap:Body>
    </soap:Envelope>
  </xsl:template>
</xsl:stylesheet>
"""


def xslt_out(profile: Ssp7Profile) -> str:
    """Takes casebridge's id of the event and what becomes of it; the external reference comes later, by SOAP."""
    del profile
    return """<?xml version="1.0" encoding="utf-8"?>
<!-- XSLT Out. The external reference number is not in this answer: casebridge answers at once, and sets it through
     ProcessInstanceTaskExternalAcknowledgement when the provider has taken the task. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:c="urn:casebridge:inbox"
                exclude-result-prefixes="c">
  <xsl:output method="xml" encoding="utf-8"/>
  <xsl:template match="/">
    <SSPAdapterResult>
      <xsl:for-each select="(//c:Result)[1]">
        <Field Name="Casebridge_EntryId"><xsl:value-of select="c:EntryId"/></Field>
        <Field Name="Casebridge_Status"><xsl:value-of select="c:Status"/></Field>
        <Field Name="Casebridge_Reason"><xsl:value-of select="c:Reason"/></Field>
      </xsl:for-each>
    </SSPAdapterResult>
  </xsl:template>
</xsl:stylesheet>
"""


def input_json(profile: Ssp7Profile) -> str:
    """The body of an adapter of the type REST: placeholders in capitals, each encoded by `||JSON`."""
    names = [name for name in profile.app_fields.model_dump().values() if name]
    names += ["Task_Id", "Task_Title", "Task_Description", "Task_Solution", "Ticket_Category", "Ticket_Priority"]
    lines = [f"  {json.dumps(profile.secret.field)}: {json.dumps(PLACE)}"]
    lines += [f"  {json.dumps(name)}: #{name.upper()}||JSON#" for name in dict.fromkeys(names)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def settings(profile: Ssp7Profile, inbox: str) -> str:
    """What to set in SSP7, and how to prove that it works."""
    fields = profile.app_fields
    types = "\n".join(f"| {name} | `{event}` |" for name, event in profile.request_types.items())
    return f"""# SSP7 and casebridge

Field names below are those of casebridge's profile of the inbox.
If yours differ, change the profile (`ssp7.app_fields`) and write this kit again.

## 1. The adapter

Admin, Adapters, Web Services: a new one.

| Setting | Value |
|---|---|
| Name | casebridge |
| URL | `{inbox}/inbox/ssp7` |
| Call type | Insert |
| XSLT In | the text of `xslt_in.xslt`, with the secret in place of {PLACE} |
| XSLT Out | the text of `xslt_out.xslt` |

An adapter of the type REST takes `input.json` as Input Json instead, and as Output Selector `$.EntryId`.
The secret is the one in the variable `CASEBRIDGE_INBOX_SECRET_SSP7` of the inbox.
It may stand in the header `{profile.secret.header}` instead, if your adapter sends headers.

## 2. The fields

On the page of ticketing: "Sync the external app fields".
Fields are the same for all six apps, so one process serves every event.
It must hand at least these to the adapter:

| Field | Placeholder |
|---|---|
| request type | `#REPLACE-EXTAPPFIELD-{_APP}-{fields.request_type}#` |
| direction | `#REPLACE-EXTAPPFIELD-{_APP}-{fields.direction}#` |
| task | `#REPLACE-EXTAPPFIELD-{_APP}-{fields.case_reference}#` |
| external reference | `#REPLACE-EXTAPPFIELD-{_APP}-{fields.external_reference}#` |
| process id | `#REPLACE-EXTAPPFIELD-{_APP}-{fields.event_id}#` |
| group | `#REPLACE-EXTAPPFIELD-{_APP}-{fields.group}#` |
| update text | `#REPLACE-EXTAPPFIELD-{_APP}-{fields.update_text}#` |

Everything else that it hands over becomes a detail of the case.

## 3. The process and the groups

One process with one step, a call of the adapter.
On each group that stands for a provider, General settings:

| Setting | Value |
|---|---|
| Task assigned to this group triggers integration(s) | set |
| New assignment process | that process |
| Update message process | that process |
| Closure process | that process |

A ticket that is under way keeps its process as it was when it entered.

## 4. The web service

casebridge calls `ProcessInstanceTaskExternalAcknowledgement`, `ProcessInstanceTaskExternalUpdateMessage` and
`ProcessInstanceTaskExternalReassignment` of `WorkflowService.asmx`.

```sh
casebridge connections save ssp7 --host https://YOUR-SSP
casebridge connections check ssp7
```

## 5. Self-test

`self_test.xml` is the adapter's neutral document for an event with the direction In:
it is recorded, and starts nothing.
Feed it to XSLT In and post the result:

```sh
xsltproc xslt_in.xslt self_test.xml > event.xml
curl -sS -H "Content-Type: text/xml" --data-binary @event.xml {inbox}/inbox/ssp7 > answer.xml
xsltproc xslt_out.xslt answer.xml
```

`Casebridge_Status` is `recorded`; a wrong secret is answered 401.
`casebridge inbox list` shows the event.

## What follows an event

| Request type | Event in casebridge's rules |
|---|---|
{types}
| {next(iter(profile.request_types))} of a task with an external reference | `{profile.resubmit}` |
"""  # noqa: S608  (it is a page, and no query)


def self_test(profile: Ssp7Profile) -> str:
    """The adapter's neutral document for an event that starts nothing."""
    fields = profile.app_fields
    values = {
        fields.request_type: "Update",
        fields.direction: "In",
        fields.case_reference: "TSK-SELF-TEST",
        fields.external_reference: "",
        fields.event_id: "0",
        fields.group: "",
        fields.update_text: "A test of the connection, with <angle brackets> & an ampersand.",
    }
    inner = "".join(f"  <Field Name={quoteattr(name)}>{escape(text)}</Field>\n" for name, text in values.items())
    return f'<?xml version="1.0" encoding="utf-8"?>\n<SSPAdapterCall>\n{inner}</SSPAdapterCall>\n'
