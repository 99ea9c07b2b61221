<?xml version="1.0" encoding="utf-8"?>
<!-- XSLT In for SOAP 1.1: an envelope with one element for each field. It reads /SSPAdapterCall/Field[@Name]. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:ssp7:ticketing">
  <xsl:output method="xml" encoding="utf-8"/>
  <xsl:template match="/SSPAdapterCall">
    <soapenv:Envelope>
      <soapenv:Header/>
      <soapenv:Body>
        <t:TicketEvent>
          <xsl:for-each select="Field[not(starts-with(@Name, 'Form_'))]">
            <xsl:element name="t:{@Name}"><xsl:value-of select="."/></xsl:element>
          </xsl:for-each>
          <xsl:for-each select="Field[starts-with(@Name, 'Form_')]">
            <t:FormField Label="{substring-after(@Name, 'Form_')}"><xsl:value-of select="."/></t:FormField>
          </xsl:for-each>
        </t:TicketEvent>
      </soapenv:Body>
    </soapenv:Envelope>
  </xsl:template>
</xsl:stylesheet>
