"""The ASTERIX categories that foedus reads, as tables; the notation is that of asterix_layout.

Written from the public EUROCONTROL specifications (EUROCONTROL-SPEC-0149 and its parts): part 7 category 010
edition 1.1 (monosensor surface movement), part 2b category 034 edition 1.29 (radar service messages), part 4
category 048 edition 1.32 (monosensor target reports), part 9 category 062 edition 1.20 (system tracks), part
15 category 065 edition 1.5 (system track service messages). Names of fields are those of the specifications.
The tests compare every item with libasterix.
"""

from typing import Final

from foedus.feeds.asterix_layout import parse_category

CATEGORY_010 = parse_category("""
10 1.1
010 fixed | Data source identifier | SAC 8, SIC 8
000 fixed | Message type | TYPE 8
020 extended | Target report descriptor | TYP 3, DCR 1, CHN 1, GBS 1, CRT 1 / SIM 1, TST 1, RAB 1, LOP 2, \
TOT 2 / SPI 1, . 6
140 fixed | Time of day | TOD 24 *1/128 s
041 fixed | Position in WGS-84 co-ordinates | LAT 32 s *180/2^31 deg, LON 32 s *180/2^31 deg
040 fixed | Measured position in polar co-ordinates | RHO 16 *1 m, TH 16 *360/2^16 deg
042 fixed | Position in Cartesian co-ordinates | X 16 s *1 m, Y 16 s *1 m
200 fixed | Calculated track velocity, polar | GSP 16 *1/2^14 NM/s, TRA 16 *360/2^16 deg
202 fixed | Calculated track velocity, Cartesian | VX 16 s *0.25 m/s, VY 16 s *0.25 m/s
161 fixed | Track number | . 4, TRK 12
170 extended | Track status | CNF 1, TRE 1, CST 2, MAH 1, TCC 1, STH 1 / TOM 2, DOU 3, MRS 2 / GHO 1, . 6
060 fixed | Mode 3/A code | V 1, G 1, L 1, . 1, MODE3A 12 octal
220 fixed | Target address | ADR 24
245 fixed | Target identification | STI 2, . 6, CHR 48 icao
250 repeated | Mode S MB data | MBDATA 56, BDS1 4, BDS2 4
300 fixed | Vehicle fleet identification | VFI 8
090 fixed | Flight level | V 1, G 1, FL 14 s *1/4 FL
091 fixed | Measured height | HEIGHT 16 s *6.25 ft
270 extended | Target size and orientation | LENGTH 7 *1 m / ORIENTATION 7 *360/128 deg / WIDTH 7 *1 m
550 fixed | System status | NOGO 2, OVL 1, TSV 1, DIV 1, TTF 1, . 2
310 fixed | Pre-programmed message | TRB 1, MSG 7
500 fixed | Standard deviation of position | DEVX 8 *0.25 m, DEVY 8 *0.25 m, COVXY 16 s *0.25 m
280 repeated | Presence | DRHO 8 s *1 m, DTHETA 8 s *0.15 deg
131 fixed | Amplitude of primary plot | PAM 8
210 fixed | Calculated acceleration | AX 8 s *0.25 m/s2, AY 8 s *0.25 m/s2
-
SP explicit | Special purpose field
RE explicit | Reserved expansion field
""")

CATEGORY_034 = parse_category("""
34 1.29
010 fixed | Data source identifier | SAC 8, SIC 8
000 fixed | Message type | TYPE 8
030 fixed | Time of day | TOD 24 *1/128 s
020 fixed | Sector number | SECTOR 8 *360/2^8 deg
041 fixed | Antenna rotation period | PERIOD 16 *1/128 s
050 compound | System configuration and status
    COM fixed | Common part | NOGO 1, RDPC 1, RDPR 1, OVLRDP 1, OVLXMT 1, MSC 1, TSV 1, . 1
    -
    -
    PSR fixed | Primary radar | ANT 1, CHAB 2, OVL 1, MSC 1, . 3
    SSR fixed | Secondary radar | ANT 1, CHAB 2, OVL 1, MSC 1, . 3
    MDS fixed | Mode S radar | ANT 1, CHAB 2, OVLSUR 1, MSC 1, SCF 1, DLF 1, OVLSCF 1, OVLDLF 1, . 7
060 compound | System processing mode
    COM fixed | Common part | . 1, REDRDP 3, REDXMT 3, . 1
    -
    -
    PSR fixed | Primary radar | POL 1, REDRAD 3, STC 2, . 2
    SSR fixed | Secondary radar | REDRAD 3, . 5
    MDS fixed | Mode S radar | REDRAD 3, CLU 1, . 4
070 repeated | Message count values | TYP 5, COUNT 11 *1
100 fixed | Generic polar window | RHOST 16 *1/256 NM, RHOEND 16 *1/256 NM, THETAST 16 *360/2^16 deg, \
THETAEND 16 *360/2^16 deg
110 fixed | Data filter | FILTER 8
120 fixed | Position of the data source | HGT 16 s *1 m, LAT 24 s *180/2^23 deg, LON 24 s *180/2^23 deg
090 fixed | Collimation error | RNG 8 s *1/128 NM, AZM 8 s *360/2^14 deg
RE explicit | Reserved expansion field
SP explicit | Special purpose field
""")

CATEGORY_048 = parse_category("""
48 1.32
010 fixed | Data source identifier | SAC 8, SIC 8
140 fixed | Time of day | TOD 24 *1/128 s
020 extended | Target report descriptor | TYP 3, SIM 1, RDP 1, SPI 1, RAB 1 / TST 1, ERR 1, XPP 1, ME 1, MI \
1, FOEFRI 2 / ADSB.EP 1, ADSB.VAL 1, SCN.EP 1, SCN.VAL 1, PAI.EP 1, PAI.VAL 1, . 1 / ACASXV.EP 1, \
ACASXV.VAL 4, POXPR.EP 1, POXPR.VAL 1 / POACT.EP 1, POACT.VAL 1, DTFXPR.EP 1, DTFXPR.VAL 1, DTFACT.EP 1, \
DTFACT.VAL 1, . 1 / IRMXPR.EP 1, IRMXPR.VAL 1, IRMACT.EP 1, IRMACT.VAL 1, . 3
040 fixed | Measured position in slant polar co-ordinates | RHO 16 *1/256 NM, THETA 16 *360/2^16 deg
070 fixed | Mode 3/A code | V 1, G 1, L 1, . 1, MODE3A 12 octal
090 fixed | Flight level | V 1, G 1, FL 14 s *1/4 FL
130 compound | Radar plot characteristics
    SRL fixed | SSR plot run length | SRL 8 *360/2^13 deg
    SRR fixed | Number of received SSR replies | SRR 8 *1
    SAM fixed | Amplitude of SSR reply | SAM 8 s *1 dBm
    PRL fixed | Primary plot run length | PRL 8 *360/2^13 deg
    PAM fixed | Amplitude of primary plot | PAM 8 s *1 dBm
    RPD fixed | Range of PSR less that of SSR | RPD 8 s *1/256 NM
    APD fixed | Azimuth of PSR less that of SSR | APD 8 s *360/2^14 deg
220 fixed | Aircraft address | ADR 24
240 fixed | Aircraft identification | IDENT 48 icao
250 repeated | BDS register data | MBDATA 56, BDS1 4, BDS2 4
161 fixed | Track number | . 4, TRN 12
042 fixed | Calculated position in Cartesian co-ordinates | X 16 s *1/128 NM, Y 16 s *1/128 NM
200 fixed | Calculated track velocity, polar | GSP 16 *1/2^14 NM/s, HDG 16 *360/2^16 deg
170 extended | Track status | CNF 1, RAD 2, DOU 1, MAH 1, CDM 2 / TRE 1, GHO 1, SUP 1, TCC 1, . 3
210 fixed | Track quality | SIGX 8 *1/128 NM, SIGY 8 *1/128 NM, SIGV 8 *1/2^14 NM/s, SIGH 8 *360/2^12 deg
030 chain | Warning and error conditions | CODE 7
080 fixed | Mode 3/A confidence | . 4, QA4 1, QA2 1, QA1 1, QB4 1, QB2 1, QB1 1, QC4 1, QC2 1, QC1 1, QD4 \
1, QD2 1, QD1 1
100 fixed | Mode C code and confidence | V 1, G 1, . 2, MODEC 12, . 4, QC1 1, QA1 1, QC2 1, QA2 1, QC4 1, \
QA4 1, QB1 1, QD1 1, QB2 1, QD2 1, QB4 1, QD4 1
110 fixed | Height measured by a 3-D radar | . 2, 3DH 14 s *25 ft
120 compound | Radial Doppler speed
    CAL fixed | Calculated Doppler speed | D 1, . 5, CAL 10 s *1 m/s
    RDS repeated | Raw Doppler speed | DOP 16 *1 m/s, AMB 16 *1 m/s, FRQ 16 *1 MHz
230 fixed | Communications, ACAS capability, flight status | COM 3, STAT 3, SI 1, . 1, MSSC 1, ARC 1, AIC \
1, B1A 1, B1B 4
260 fixed | ACAS resolution advisory report | ARA 56
055 fixed | Mode 1 code | V 1, G 1, L 1, MODE1 5
050 fixed | Mode 2 code | V 1, G 1, L 1, . 1, MODE2 12 octal
065 fixed | Mode 1 confidence | . 3, QA4 1, QA2 1, QA1 1, QB2 1, QB1 1
060 fixed | Mode 2 confidence | . 4, QA4 1, QA2 1, QA1 1, QB4 1, QB2 1, QB1 1, QC4 1, QC2 1, QC1 1, QD4 1, \
QD2 1, QD1 1
SP explicit | Special purpose field
RE explicit | Reserved expansion field
""")

CATEGORY_062 = parse_category("""
62 1.20
010 fixed | Data source identifier | SAC 8, SIC 8
-
015 fixed | Service identification | SI 8
070 fixed | Time of track information | TOD 24 *1/128 s
105 fixed | Calculated position in WGS-84 co-ordinates | LAT 32 s *180/2^25 deg, LON 32 s *180/2^25 deg
100 fixed | Calculated track position, Cartesian | X 24 s *0.5 m, Y 24 s *0.5 m
185 fixed | Calculated track velocity, Cartesian | VX 16 s *0.25 m/s, VY 16 s *0.25 m/s
210 fixed | Calculated acceleration, Cartesian | AX 8 s *0.25 m/s2, AY 8 s *0.25 m/s2
060 fixed | Track Mode 3/A code | V 1, G 1, CH 1, . 1, MODE3A 12 octal
245 fixed | Target identification | STI 2, . 6, CHR 48 icao
380 compound | Aircraft derived data
    ADR fixed | Target address | ADR 24
    ID fixed | Target identification | ID 48 icao
    MHG fixed | Magnetic heading | MHG 16 *360/2^16 deg
    IAS fixed | Indicated airspeed or Mach number | IM 1, IAS 15
    TAS fixed | True airspeed | TAS 16 *1 kt
    SAL fixed | Selected altitude | SAS 1, SRC 2, ALT 13 s *25 ft
    FSS fixed | Final state selected altitude | MV 1, AH 1, AM 1, ALT 13 s *25 ft
    TIS extended | Trajectory intent status | NAV 1, NVB 1, . 5
    TID repeated | Trajectory intent data | TCA 1, NC 1, TCPN 6, ALT 16 s *10 ft, LAT 24 s *180/2^23 deg, \
LON 24 s *180/2^23 deg, PT 4, TD 2, TRA 1, TOA 1, TOV 24 *1 s, TTR 16 *0.01 NM
    COM fixed | Communications, ACAS capability, flight status | COM 3, STAT 3, . 2, SSC 1, ARC 1, AIC 1, \
B1A 1, B1B 4
    SAB fixed | Status reported by ADS-B | AC 2, MN 2, DC 2, GBS 1, . 6, STAT 3
    ACS fixed | ACAS resolution advisory report | ACS 56
    BVR fixed | Barometric vertical rate | BVR 16 s *6.25 ft/min
    GVR fixed | Geometric vertical rate | GVR 16 s *6.25 ft/min
    RAN fixed | Roll angle | RAN 16 s *0.01 deg
    TAR fixed | Track angle rate | TI 2, . 6, ROT 7 s *1/4 deg/s, . 1
    TAN fixed | Track angle | TAN 16 *360/2^16 deg
    GSP fixed | Ground speed | GSP 16 s *1/2^14 NM/s
    VUN fixed | Velocity uncertainty | VUN 8
    MET fixed | Meteorological data | WS 1, WD 1, TMP 1, TRB 1, . 4, WSD 16 *1 kt, WDD 16 *1 deg, TMPD 16 s \
*0.25 degC, TRBD 8 *1
    EMC fixed | Emitter category | EMC 8
    POS fixed | Position | LAT 24 s *180/2^23 deg, LON 24 s *180/2^23 deg
    GAL fixed | Geometric altitude | GAL 16 s *6.25 ft
    PUN fixed | Position uncertainty | . 4, PUN 4
    MB repeated | BDS register data | MB 64
    IAR fixed | Indicated airspeed | IAR 16 *1 kt
    MAC fixed | Mach number | MAC 16 *0.008 Mach
    BPS fixed | Barometric pressure setting | . 4, BPS 12 *0.1 mb
040 fixed | Track number | TRN 16
080 extended | Track status | MON 1, SPI 1, MRH 1, SRC 3, CNF 1 / SIM 1, TSE 1, TSB 1, FPC 1, AFF 1, STP 1, \
KOS 1 / AMA 1, MD4 2, ME 1, MI 1, MD5 2 / CST 1, PSR 1, SSR 1, MDS 1, ADS 1, SUC 1, AAC 1 / SDS 2, EMS 3, \
PFT 1, FPLT 1 / DUPT 1, DUPF 1, DUPM 1, SFC 1, IDD 1, IEC 1, MLAT 1
290 compound | System track update ages
    TRK fixed | Track age | TRK 8 *1/4 s
    PSR fixed | PSR age | PSR 8 *1/4 s
    SSR fixed | SSR age | SSR 8 *1/4 s
    MDS fixed | Mode S age | MDS 8 *1/4 s
    ADS fixed | ADS-C age | ADS 16 *1/4 s
    ES fixed | ADS-B extended squitter age | ES 8 *1/4 s
    VDL fixed | ADS-B VDL mode 4 age | VDL 8 *1/4 s
    UAT fixed | ADS-B UAT age | UAT 8 *1/4 s
    LOP fixed | Loop age | LOP 8 *1/4 s
    MLT fixed | Multilateration age | MLT 8 *1/4 s
200 fixed | Mode of movement | TRANS 2, LONG 2, VERT 2, ADF 1, . 1
295 compound | Track data ages
    MFL fixed | Measured flight level age | MFL 8 *1/4 s
    MD1 fixed | Mode 1 age | MD1 8 *1/4 s
    MD2 fixed | Mode 2 age | MD2 8 *1/4 s
    MDA fixed | Mode 3/A age | MDA 8 *1/4 s
    MD4 fixed | Mode 4 age | MD4 8 *1/4 s
    MD5 fixed | Mode 5 age | MD5 8 *1/4 s
    MHG fixed | Magnetic heading age | MHG 8 *1/4 s
    IAS fixed | Indicated airspeed or Mach number age | IAS 8 *1/4 s
    TAS fixed | True airspeed age | TAS 8 *1/4 s
    SAL fixed | Selected altitude age | SAL 8 *1/4 s
    FSS fixed | Final state selected altitude age | FSS 8 *1/4 s
    TID fixed | Trajectory intent age | TID 8 *1/4 s
    COM fixed | Communications and flight status age | COM 8 *1/4 s
    SAB fixed | Status reported by ADS-B age | SAB 8 *1/4 s
    ACS fixed | ACAS resolution advisory age | ACS 8 *1/4 s
    BVR fixed | Barometric vertical rate age | BVR 8 *1/4 s
    GVR fixed | Geometric vertical rate age | GVR 8 *1/4 s
    RAN fixed | Roll angle age | RAN 8 *1/4 s
    TAR fixed | Track angle rate age | TAR 8 *1/4 s
    TAN fixed | Track angle age | TAN 8 *1/4 s
    GSP fixed | Ground speed age | GSP 8 *1/4 s
    VUN fixed | Velocity uncertainty age | VUN 8 *1/4 s
    MET fixed | Meteorological data age | MET 8 *1/4 s
    EMC fixed | Emitter category age | EMC 8 *1/4 s
    POS fixed | Position age | POS 8 *1/4 s
    GAL fixed | Geometric altitude age | GAL 8 *1/4 s
    PUN fixed | Position uncertainty age | PUN 8 *1/4 s
    MB fixed | Mode S MB data age | MB 8 *1/4 s
    IAR fixed | Indicated airspeed age | IAR 8 *1/4 s
    MAC fixed | Mach number age | MAC 8 *1/4 s
    BPS fixed | Barometric pressure setting age | BPS 8 *1/4 s
136 fixed | Measured flight level | MFL 16 s *1/4 FL
130 fixed | Calculated track geometric altitude | ALT 16 s *6.25 ft
135 fixed | Calculated track barometric altitude | QNH 1, CTB 15 s *1/4 FL
220 fixed | Calculated rate of climb or descent | ROCD 16 s *6.25 ft/min
390 compound | Flight plan related data
    TAG fixed | FPPS identification tag | SAC 8, SIC 8
    CSN fixed | Callsign | CSN 56 ascii
    IFI fixed | IFPS flight identifier | TYP 2, . 3, NBR 27 *1
    FCT fixed | Flight category | GATOAT 2, FR1FR2 2, RVSM 2, HPR 1, . 1
    TAC fixed | Type of aircraft | TAC 32 ascii
    WTC fixed | Wake turbulence category | WTC 8 ascii
    DEP fixed | Departure airport | DEP 32 ascii
    DST fixed | Destination airport | DST 32 ascii
    RDS fixed | Runway designation | NU1 8 ascii, NU2 8 ascii, LTR 8 ascii
    CFL fixed | Current cleared flight level | CFL 16 *1/4 FL
    CTL fixed | Current control position | CENTRE 8, POSITION 8
    TOD repeated | Time of departure or arrival | TYP 5, DAY 2, . 4, HOR 5 *1 h, . 2, MIN 6 *1 min, AVS 1, \
. 1, SEC 6 *1 s
    AST fixed | Aircraft stand | AST 48 ascii
    STS fixed | Stand status | EMP 2, AVL 2, . 4
    STD fixed | Standard instrument departure | STD 56 ascii
    STA fixed | Standard instrument arrival | STA 56 ascii
    PEM fixed | Pre-emergency Mode 3/A code | . 3, VA 1, MODE3A 12 octal
    PEC fixed | Pre-emergency callsign | PEC 56 ascii
270 extended | Target size and orientation | LENGTH 7 *1 m / ORIENTATION 7 *360/128 deg / WIDTH 7 *1 m
300 fixed | Vehicle fleet identification | VFI 8
110 compound | Mode 5 reports and extended Mode 1 code
    SUM fixed | Mode 5 summary | M5 1, ID 1, DA 1, M1 1, M2 1, M3 1, MC 1, X 1
    PMN fixed | Mode 5 PIN, national origin, mission code | . 2, PIN 14, . 3, NAT 5, . 2, MIS 6
    POS fixed | Mode 5 reported position | LAT 24 s *180/2^23 deg, LON 24 s *180/2^23 deg
    GA fixed | Mode 5 GNSS-derived altitude | . 1, RES 1, GA 14 s *25 ft
    EM1 fixed | Extended Mode 1 code | . 4, EM1 12 octal
    TOS fixed | Time offset of position and altitude | TOS 8 s *1/128 s
    XP fixed | X pulse presence | . 3, X5 1, XC 1, X3 1, X2 1, X1 1
120 fixed | Track Mode 2 code | . 4, MODE2 12 octal
510 chain | Composed track number | IDENT 8, TRACK 15
500 compound | Estimated accuracies
    APC fixed | Of track position, Cartesian | X 16 *0.5 m, Y 16 *0.5 m
    COV fixed | XY covariance | COV 16 s *0.5 m
    APW fixed | Of track position, WGS-84 | LAT 16 *180/2^25 deg, LON 16 *180/2^25 deg
    AGA fixed | Of geometric altitude | AGA 8 *6.25 ft
    ABA fixed | Of barometric altitude | ABA 8 *1/4 FL
    ATV fixed | Of track velocity | X 8 *0.25 m/s, Y 8 *0.25 m/s
    AA fixed | Of acceleration | X 8 *0.25 m/s2, Y 8 *0.25 m/s2
    ARC fixed | Of rate of climb or descent | ARC 8 *6.25 ft/min
340 compound | Measured information
    SID fixed | Sensor identification | SAC 8, SIC 8
    POS fixed | Measured position | RHO 16 *1/256 NM, THETA 16 *360/2^16 deg
    HEI fixed | Measured 3-D height | HEIGHT 16 s *25 ft
    MDC fixed | Last measured Mode C code | V 1, G 1, LMC 14 s *1/4 FL
    MDA fixed | Last measured Mode 3/A code | V 1, G 1, L 1, . 1, MODE3A 12 octal
    TYP fixed | Report type | TYP 3, SIM 1, RAB 1, TST 1, . 2
-
-
-
-
-
RE explicit | Reserved expansion field
SP explicit | Special purpose field
""")

CATEGORY_065 = parse_category("""
65 1.5
010 fixed | Data source identifier | SAC 8, SIC 8
000 fixed | Message type | TYPE 8
015 fixed | Service identification | SI 8
030 fixed | Time of message | TOM 24 *1/128 s
020 fixed | Batch number | BTN 8 *1
040 fixed | SDPS configuration and status | NOGO 2, OVL 1, TSV 1, PSS 2, STTN 1, . 1
050 fixed | Service status report | REPORT 8
-
-
-
-
-
RE explicit | Reserved expansion field
SP explicit | Special purpose field
""")

CATEGORIES: Final = (CATEGORY_010, CATEGORY_034, CATEGORY_048, CATEGORY_062, CATEGORY_065)
"""In the order of their index in the kernels."""

# The kernels rely on it: every record begins with the item that names its source.
assert all(category.items[0].reference == "010" for category in CATEGORIES)
