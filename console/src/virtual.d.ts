declare module "virtual:basemap/50m" {
  const url: string;
  export default url;
}
declare module "virtual:basemap/10m" {
  const url: string;
  export default url;
}
