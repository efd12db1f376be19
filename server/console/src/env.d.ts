declare module 'virtual:land-outlines' {
  import type { GeometryCollection, Topology } from 'topojson-specification';
  /** Sweden and its neighbours; made by the field app's build/land-outlines.ts. */
  const outlines: Topology<{ countries: GeometryCollection<{ sweden: boolean }> }>;
  export default outlines;
}
