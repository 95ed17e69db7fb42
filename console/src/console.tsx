import fine from "virtual:basemap/10m";
import coarse from "virtual:basemap/50m";
console.log(coarse, fine);
