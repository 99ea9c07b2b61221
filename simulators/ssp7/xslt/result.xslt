<?xml version="1.0" encoding="utf-8"?>
<!-- XSLT Out: of any answer, the first element named ExternalReference, whatever its namespace. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/">
    <SSPAdapterResult>
      <xsl:for-each select="(//*[local-name() = 'ExternalReference'])[1]">
        <Field Name="Task_ExternalReference"><xsl:value-of select="."/></Field>
      </xsl:for-each>
    </SSPAdapterResult>
  </xsl:template>
</xsl:stylesheet>
