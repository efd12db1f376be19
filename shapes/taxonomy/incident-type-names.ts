import type { IncidentType } from './incident-type.ts';

/** The English and Swedish names of the types; apart from them, since a client checks types and shows no names. */
export const INCIDENT_TYPE_NAMES: Readonly<
  Record<IncidentType, { readonly en: string; readonly sv: string }>
> = {
  theft: { en: 'Theft', sv: 'Stöld' },
  burglary: { en: 'Burglary', sv: 'Inbrott' },
  vehicle_theft: { en: 'Vehicle theft', sv: 'Fordonsstöld' },
  robbery: { en: 'Robbery', sv: 'Rån' },
  assault: { en: 'Assault', sv: 'Misshandel' },
  homicide: { en: 'Homicide', sv: 'Mord eller dråp' },
  shooting: { en: 'Shooting', sv: 'Skottlossning' },
  explosion: { en: 'Explosion', sv: 'Explosion' },
  sexual_offence: { en: 'Sexual offence', sv: 'Sexualbrott' },
  threat: { en: 'Threat', sv: 'Hot' },
  weapons: { en: 'Weapons', sv: 'Vapen' },
  drugs: { en: 'Drugs', sv: 'Narkotika' },
  fraud: { en: 'Fraud', sv: 'Bedrägeri' },
  vandalism: { en: 'Vandalism', sv: 'Skadegörelse' },
  arson: { en: 'Arson', sv: 'Mordbrand' },
  fire: { en: 'Fire', sv: 'Brand' },
  traffic_accident: { en: 'Traffic accident', sv: 'Trafikolycka' },
  traffic_offence: { en: 'Traffic offence', sv: 'Trafikbrott' },
  traffic_obstruction: { en: 'Traffic obstruction', sv: 'Trafikhinder' },
  disorder: { en: 'Disorder', sv: 'Ordningsstörning' },
  trespass: { en: 'Trespass', sv: 'Intrång' },
  missing_person: { en: 'Missing person', sv: 'Försvunnen person' },
  death: { en: 'Person found dead', sv: 'Anträffad död' },
  injury: { en: 'Injury or illness', sv: 'Skada eller sjukdom' },
  hazard: { en: 'Dangerous object', sv: 'Farligt föremål' },
  alarm: { en: 'Alarm', sv: 'Larm' },
  rescue: { en: 'Rescue', sv: 'Räddningsinsats' },
  animal: { en: 'Animal', sv: 'Djur' },
  environment: { en: 'Environmental offence', sv: 'Miljöbrott' },
  found_property: { en: 'Found property', sv: 'Upphittat gods' },
  other: { en: 'Other', sv: 'Övrigt' },
};
