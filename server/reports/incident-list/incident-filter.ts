import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { AreaKind } from '@halo/shapes/taxonomy/states.ts';
import { distanceSql } from '../../db/distance.ts';
import { boxAround } from '../linking.ts';
import type { Box } from '../tiles.ts';
import { inBoxes, partsOf } from './boxes.ts';
import { IS_SHOWN } from './incident-row.ts';

/** A circle on the sphere: degrees, and metres. */
export interface Circle {
  readonly lat: number;
  readonly lon: number;
  readonly radiusM: number;
}

/** Which incidents a list has. Everything that is given holds. */
export interface IncidentFilter {
  readonly bbox?: Box | undefined;
  readonly near?: Circle | undefined;
  readonly area?: { readonly kind: AreaKind; readonly code: string } | undefined;
  readonly types?: readonly IncidentType[] | undefined;
  readonly minSeverity?: number | undefined;
  readonly status?: 'open' | 'closed' | undefined;
  readonly verified?: boolean | undefined;
  /** The first instant that belongs to it, and the first that does no more. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

const AREA_COLUMNS: Readonly<Record<AreaKind, string>> = {
  county: 'region',
  municipality: 'municipality',
  district: 'district',
};

/** A condition of SQL that grows, with its values. */
export class IncidentConditions {
  readonly values: unknown[] = [];
  readonly #conditions: string[] = [IS_SHOWN];

  /** Takes a value in, and gives its placeholder. */
  readonly place = (value: unknown): string => `$${this.values.push(value)}`;

  constructor(filter: IncidentFilter) {
    const { bbox, near, area, types, minSeverity, status, verified, from, to } = filter;
    if (bbox !== undefined) this.add(inBoxes(partsOf(bbox), this.place));
    if (near !== undefined) {
      this.add(inBoxes(partsOf(boxAround(near, near.radiusM)), this.place));
      this.add(`${this.distanceFrom(near)} <= ${this.place(near.radiusM)}`);
    }
    if (area !== undefined) this.add(`incidents.${AREA_COLUMNS[area.kind]} = ${this.place(area.code)}`);
    if (types !== undefined) this.add(`incidents.type = ANY (${this.place(types)}::incident_type[])`);
    if (minSeverity !== undefined) this.add(`incidents.severity >= ${this.place(minSeverity)}`);
    if (status !== undefined) this.add(`incidents.status = ${this.place(status)}::incident_status`);
    if (verified !== undefined)
      this.add(`(incidents.verification = 'verified') = ${this.place(verified)}::boolean`);
    if (from !== undefined) this.add(`incidents.occurred_at >= ${this.place(from)}`);
    if (to !== undefined) this.add(`incidents.occurred_at < ${this.place(to)}`);
  }

  /** Demands one thing more. */
  add(condition: string): void {
    this.#conditions.push(condition);
  }

  /** The distance of a row from a point, in metres. */
  distanceFrom({ lat, lon }: Pick<Circle, 'lat' | 'lon'>): string {
    return distanceSql('incidents', `${this.place(lat)}::float8`, `${this.place(lon)}::float8`);
  }

  /** All of it, for a WHERE. */
  sql(): string {
    return this.#conditions.join(' AND ');
  }
}
