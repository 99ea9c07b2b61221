"""The case source `ssp7`: a ticket task of SSP7, known by the events that it sends."""
