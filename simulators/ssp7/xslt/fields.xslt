<?xml version="1.0" encoding="utf-8"?>
<!-- XSLT In for plain XML: one element for each field. It reads SSP's neutral document, /SSPAdapterCall/Field[@Name]. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" encoding="utf-8"/>
  <xsl:template match="/SSPAdapterCall">
    <TicketEvent>
      <xsl:for-each select="Field[not(starts-with(@Name, 'Form_'))]">
        <xsl:element name="{@Name}"><xsl:value-of select="."/></xsl:element>
      </xsl:for-each>
      <xsl:for-each select="Field[starts-with(@Name, 'Form_')]">
        <FormField Label="{substring-after(@Name, 'Form_')}"><xsl:value-of select="."/></FormField>
      </xsl:for-each>
    </TicketEvent>
  </xsl:template>
</xsl:stylesheet>
