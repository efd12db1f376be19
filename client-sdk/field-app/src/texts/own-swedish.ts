import type { OwnTexts } from './own-english.ts';

/** The same words in Swedish. */
export const ownSv: OwnTexts = {
  or: 'eller',
  begin: 'Rapportera utan konto',
  beginLead:
    'Ingen får veta vem du är. Det du rapporterar kan bara ändras eller tas tillbaka från den här enheten.',
  noAccount: 'Du rapporterar utan konto.',
  nobody: 'utan konto',
  keepTitle: 'Behåll dina rapporter',
  keepLead:
    'Med ett konto följer dina rapporter med till andra enheter, och finns kvar om den här försvinner eller töms.',
  keep: 'Skapa ett konto',
  keepDone: 'Nu är rapporterna dina. Logga in med adressen på andra enheter.',
  dataTitle: 'Dina uppgifter',
  exportLead: 'En fil med allt som servern har sparat om dig.',
  export: 'Ladda ner mina uppgifter',
  exporting: 'Hämtar…',
  exported: 'Filen ligger bland dina nedladdningar.',
  erase: 'Radera mina uppgifter',
  eraseLead:
    'Servern glömmer dig inom några minuter: kommentarer, platser och tidigare versioner, och kontot om du har ett. Det du har rapporterat finns kvar utan avsändare, utan dina ord och på ungefär 200 m när. Ta tillbaka det först om det inte ska räknas.',
  eraseQuestion: 'Radera allt för gott? Det går inte att ångra.',
  eraseUnsent: (n) =>
    n === 1 ? '1 sak som inte är skickad raderas också.' : `${n} saker som inte är skickade raderas också.`,
  erasePassword: 'Ditt lösenord',
  eraseYes: 'Radera för gott',
  erasing: 'Raderar…',
  needsNetwork: 'Det här behöver nät.',
  logOutForGood:
    'Utan konto kan ingen logga in här igen: det du har rapporterat finns kvar men kan inte ändras mer.',
  logOutForGoodAnyway: 'Lämna ändå',
  reportFirst: 'Rapportera nu, välj sedan',
  restored: (from, to) =>
    `Servern har förlorat det som skickades mellan ${from} och ${to}. Skicka det igen om någon av dina rapporter saknas här.`,
};
