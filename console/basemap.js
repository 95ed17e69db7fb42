// Prepares the offline map at build time: Natural Earth (public domain, through the package world-atlas) into
// one binary per scale. Rings are cut at the antimeridian here, so that the console can draw them on a plane.
//
// Layout, little-endian: u32 length of a JSON head, the head, then numbers as zigzag varints.
//   head: { quantum, places: [[name, lon, lat, extent], ...], land: rings, border: lines, coast: lines }
//   each ring or line: number of points, then per point the steps in longitude and latitude, in quanta.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoArea, geoEquirectangular, geoPath } from "d3-geo";
import { feature, mesh } from "topojson-client";

const QUANTUM = 5e-4; // degrees: 55 m, below what these scales know
const ISLET = 1e-9; // steradian: 0.04 square kilometres
const PREFIX = "virtual:basemap/";

/** Paths of a GeoJSON object as arrays of [lon, lat, lon, lat, ...], cut where they cross the date line. */
function pathsOf(object) {
  const paths = [];
  const projection = geoEquirectangular().scale(180 / Math.PI).translate([0, 0]).precision(0);
  const pen = {
    beginPath() {},
    moveTo: (x, y) => paths.push([x, -y]),
    lineTo: (x, y) => paths[paths.length - 1].push(x, -y),
    closePath() {},
    arc() {},
  };
  geoPath(projection, pen)(object);
  return paths.filter((path) => path.length >= 4);
}

/** A country without the islets that the atlas's own rounding has flattened or, worse, turned inside out:
 * an inside-out ring covers the whole earth but itself, and would swap land and sea. */
function soundPolygons({ type, coordinates }) {
  const polygons = type === "Polygon" ? [coordinates] : coordinates;
  return {
    type: "MultiPolygon",
    coordinates: polygons.filter((rings) => {
      const area = geoArea({ type: "Polygon", coordinates: rings });
      return area > ISLET && area < 2 * Math.PI;
    }),
  };
}

/** Where to write a country's name: the middle of the widest chord through its largest ring, and its width. */
function placeOf(name, rings) {
  let best = null;
  for (const ring of rings) {
    let area = 0;
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      area += ring[j] * ring[i + 1] - ring[i] * ring[j + 1];
    }
    if (!best || Math.abs(area) > best.area) best = { ring, area: Math.abs(area) };
  }
  const { ring } = best;
  const lats = ring.filter((_, i) => i % 2 === 1);
  const south = Math.min(...lats);
  const north = Math.max(...lats);
  let chord = { lon: ring[0], lat: ring[1], width: 0 };
  for (let step = 3; step <= 17; step++) {
    const lat = south + ((north - south) * step) / 20;
    const crossings = [];
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      if (ring[i + 1] > lat !== ring[j + 1] > lat) {
        crossings.push(ring[i] + ((lat - ring[i + 1]) / (ring[j + 1] - ring[i + 1])) * (ring[j] - ring[i]));
      }
    }
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const width = crossings[k + 1] - crossings[k];
      const central = 1 - Math.abs(step - 10) / 20; // names near the middle read best
      if (width * central > chord.width) {
        chord = { lon: (crossings[k] + crossings[k + 1]) / 2, lat, width: width * central };
      }
    }
  }
  return [name, round(chord.lon), round(chord.lat), round(chord.width)];
}

const round = (value) => Math.round(value * 100) / 100;

function encode(paths, out) {
  for (const path of paths) {
    varint(path.length / 2, out);
    let lon = 0;
    let lat = 0;
    for (let i = 0; i < path.length; i += 2) {
      const x = Math.round(path[i] / QUANTUM);
      const y = Math.round(path[i + 1] / QUANTUM);
      varint(zigzag(x - lon), out);
      varint(zigzag(y - lat), out);
      lon = x;
      lat = y;
    }
  }
}

const zigzag = (value) => (value < 0 ? -2 * value - 1 : 2 * value);

function varint(value, out) {
  let rest = value;
  while (rest > 127) {
    out.push((rest & 127) | 128);
    rest >>>= 7;
  }
  out.push(rest);
}

export function prepareBasemap(scale) {
  const file = createRequire(import.meta.url).resolve(`world-atlas/countries-${scale}.json`);
  const atlas = JSON.parse(readFileSync(file, "utf8"));
  const countries = feature(atlas, atlas.objects.countries).features;
  const land = [];
  const places = [];
  for (const country of countries) {
    const rings = pathsOf(soundPolygons(country.geometry));
    if (!rings.length) continue;
    land.push(...rings);
    places.push(placeOf(country.properties.name, rings));
  }
  const border = pathsOf(mesh(atlas, atlas.objects.countries, (a, b) => a !== b));
  const coast = pathsOf(mesh(atlas, atlas.objects.countries, (a, b) => a === b));
  const numbers = [];
  encode(land, numbers);
  encode(border, numbers);
  encode(coast, numbers);
  const head = Buffer.from(
    JSON.stringify({ quantum: QUANTUM, places, land: land.length, border: border.length, coast: coast.length }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, Buffer.from(numbers)]);
}

/** Vite plugin: `import url from "virtual:basemap/50m"` gives the address of the prepared binary. */
export function basemap() {
  return {
    name: "basemap",
    resolveId: (id) => (id.startsWith(PREFIX) ? "\0" + id : undefined),
    load(id) {
      if (!id.startsWith("\0" + PREFIX)) return undefined;
      const scale = id.slice(PREFIX.length + 1);
      const file = this.emitFile({ type: "asset", name: `basemap-${scale}.bin`, source: prepareBasemap(scale) });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}
