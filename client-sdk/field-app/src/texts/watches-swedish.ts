import type { WatchTexts } from './watches-english.ts';

/** The same words in Swedish. */
export const watchesSv: WatchTexts = {
  title: 'Bevakade platser',
  tab: 'Platser',
  lead: 'Få en notis när du kommer till en av platserna och något har hänt där, eller mer än vanligt väntas. Fungerar utan nät.',
  none: 'Inga bevakade platser än',
  noneLead: 'Lägg till ditt hem, ditt jobb eller där du patrullerar.',
  add: 'Lägg till en plats',
  edit: 'Ändra',
  remove: 'Ta bort',
  removeSure: 'Ta bort den?',
  addTitle: 'Bevaka en plats',
  editTitle: 'Bevakad plats',
  name: 'Namn',
  nameHint: 'Bara du ser det.',
  where: 'Var?',
  hereButton: 'Här',
  pickHint: 'Tryck på kartan mitt i platsen.',
  radius: 'Hur stor?',
  threshold: 'När är det värt en notis?',
  thresholds: { low: 'Vad som helst', middle: 'Allvarligt', high: 'Mycket allvarligt' },
  thresholdHint:
    'Jämförs med två saker. Det som rapporterats inom platsen hittills: hur allvarligt, säkert och nyligt. Och prognosen för timmarna: från länets genomsnitt, över det eller hög.',
  save: 'Spara',
  needName: 'Skriv ett namn.',
  needPlace: 'Peka ut en plats.',
  within: (radius) => `Inom ${radius}`,
  waiting: 'Väntar på att skickas',
  forecasts: {
    noSpots: (county) =>
      `Just nu finns ingen prognos för enskilda ställen i ${county}, på sin höjd för hela kommuner; så länge det är så får du ingen notis om en prognos.`,
    waiting: (county) =>
      `Prognosen för ${county} har inte kommit till enheten än; till dess får du ingen notis om den.`,
    beyond: (county) =>
      `Prognosen för ${county} finns inte på enheten, och du får ingen notis om den: dina platser ligger i för många län.`,
  },
  rejected: (reason) => `Servern godtog den inte: ${reason}`,
  drop: 'Släng',
  noticesOn: 'Notiser är på medan appen är öppen',
  noticesOff: 'Notiser är av',
  noticesPaused: 'Notiser väntar på din position',
  turnOn: 'Slå på notiser',
  turnOff: 'Slå av',
  noticesHint: 'Din position används bara på den här enheten och skickas aldrig.',
  denied: 'Positionen är spärrad för appen. Tillåt den i webbläsaren för att få notiser.',
  unavailable: 'Din position går inte att hitta just nu.',
  failed: (code) => `Notiser fungerar inte just nu (${code}).`,
  notice: (name) => `Du är vid ${name}`,
  noticeBody: (n) =>
    n === 1 ? '1 händelse har rapporterats där nyligen.' : `${n} händelser har rapporterats där nyligen.`,
  noticeStale: 'Inga nyheter från servern på över en timme.',
  dismiss: 'Stäng notisen',
  limit: 'Du bevakar 50 platser, fler går inte. Ta bort en först.',
};
