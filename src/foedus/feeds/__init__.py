"""Bytes from sensors to plots.

decoder        what a decoder gives back; opens the right one
asterix        EUROCONTROL ASTERIX categories 010, 034, 048, 062, 065 (tables, kernels, encoder beside it)
beast, mode_s  Mode S and ADS-B in Beast binary and AVR text
plots_block    foedus's own blocks of plots
framing        containers of recorded files: raw, IOSS final, pcap
tabular        CSV and Parquet with the documented schema
recording      a whole recorded file at once
"""

from foedus.feeds.decoder import Counts, Decoded, Decoder, open_decoder

__all__ = ["Counts", "Decoded", "Decoder", "open_decoder"]
