import type { EraseInput, HaloAccount } from '../account-api.ts';
import type { Halo } from '../api.ts';
import { loadPart } from '../load-part.ts';
import type { OwnAccountParts } from './own-account.ts';
import { WritingDevice } from './writing-device.ts';

/** The methods of an open device that ask the server; their code is loaded when one is first called. */
export abstract class AskingDevice extends WritingDevice implements HaloAccount {
  /** Throws `closed`. */
  protected abstract asking(): OwnAccountParts;

  abstract logout(options: Parameters<Halo['logout']>[0]): Promise<void>;

  async claim(...given: Parameters<HaloAccount['claim']>): Promise<void> {
    return (await part()).claimAccount(this.asking(), ...given);
  }

  async erase(confirmation: EraseInput = {}): Promise<void> {
    await (await part()).eraseAccount(this.asking(), confirmation);
    await this.logout({ unsent: 'discard' });
  }

  async request(...given: Parameters<HaloAccount['request']>): Promise<unknown> {
    return (await part()).askServer(this.asking(), ...given);
  }
}

const part = () => loadPart(() => import('./own-account.ts'));
