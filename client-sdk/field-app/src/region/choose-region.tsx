import { t } from '../texts/texts.ts';
import { RegionPicker } from './region-picker.tsx';

/** In the place of the incidents where no county has been chosen yet. */
export function ChooseRegion() {
  return (
    <section className="page">
      <h1>{t.chooseRegion}</h1>
      <p className="lead">{t.chooseRegionLead}</p>
      <RegionPicker />
    </section>
  );
}
