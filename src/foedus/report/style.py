"""How the page looks. On both papers text keeps a contrast of 4.5 to 1, the lines of figures 3 to 1.

WCAG 2.2, 1.4.3 and 1.4.11; the least are 5.3 (`--shown`) and 3.6 (`--faint`, lines only), both on white.
"""

from typing import Final

CSS: Final = """
:root { color-scheme: light dark;
  --paper: #ffffff; --ink: #1a1c1e; --faint: #84888c; --rule: #c9cdd1; --band: #7a2e00; --on-band: #ffffff;
  --begins: #5f6367; --arrival: #b3261e; --known: #1f5fa8; --stored: #1f5fa8; --shown: #a05a00;
  --acknowledged: #2a7040; --fact: #6d3f9c; --link: #1f4f8f; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #16181a; --ink: #e8eaec; --faint: #8c9196; --rule: #3c4146; --band: #ffb37a; --on-band: #201000;
  --begins: #a9adb1; --arrival: #ff8a80; --known: #8ab8f0; --stored: #8ab8f0; --shown: #f0b060;
  --acknowledged: #7fcf95; --fact: #c9a4f0; --link: #9cc4f8; } }
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
body { margin: 0; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem; }
header { position: sticky; top: 0; z-index: 1; }
.band { margin: 0; padding: .3rem 1rem; text-align: center; font-weight: 700; letter-spacing: .2em;
  background: repeating-linear-gradient(135deg, var(--band) 0 40px,
    color-mix(in srgb, var(--band) 88%, var(--paper)) 40px 80px); color: var(--on-band); }
h1 { margin: .5rem 0 0; line-height: 1.2; }
h2 { margin: 2.5rem 0 .5rem; padding-bottom: .2rem; border-bottom: 2px solid var(--rule); }
section { scroll-margin-top: 3rem; }
h1, p, li, caption, td.long { overflow-wrap: anywhere; }
td.words { min-width: 11rem; }
.under { margin: .2rem 0 1rem; }
.result { padding: .8rem 1rem; border-left: 4px solid var(--band); font-size: 1.1rem; }
nav ol { columns: 15rem; padding-left: 1.5rem; }
a { color: var(--link); }
a:focus-visible, .table:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { padding: .3rem .6rem .3rem 0; vertical-align: top; text-align: left;
  border-bottom: 1px solid var(--rule); }
td { min-width: 2.5rem; max-width: 26rem; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1rem 0; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { font-size: .9rem; font-weight: 600; }
.narrow { display: none; }
@media (max-width: 640px) { .wide { display: none; } .narrow { display: block; } html { font-size: 15px; } }
@media print {
  :root { color-scheme: light; --paper: #ffffff; --ink: #000000; --band: #7a2e00; --on-band: #ffffff;
    --begins: #5f6367; --arrival: #b3261e; --known: #1f5fa8; --stored: #1f5fa8; --shown: #a05a00;
    --acknowledged: #2a7040; --fact: #6d3f9c; --link: #000000; --rule: #999999; --faint: #777777; }
  @page { margin: 16mm 12mm; }
  header, footer { position: fixed; left: 0; right: 0; }
  header { top: -10mm; } footer { bottom: -10mm; }
  .band { background: none; color: #7a2e00; border: 2px solid #7a2e00; padding: 0; font-size: .8rem; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  .wide { display: block; } .narrow { display: none; }
  .table { overflow: visible; } table { font-size: .75rem; }
  tr, figure { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; } }
"""
