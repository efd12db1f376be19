import { COMMENT_CREATE } from '@halo/shapes/mutations/comment-create.ts';
import { COMMENT_DELETE } from '@halo/shapes/mutations/comment-delete.ts';
import { INCIDENT_TRANSITION } from '@halo/shapes/mutations/incident-transition.ts';
import { REPORT_AMEND } from '@halo/shapes/mutations/report-amend.ts';
import { REPORT_CREATE } from '@halo/shapes/mutations/report-create.ts';
import { REPORT_WITHDRAW } from '@halo/shapes/mutations/report-withdraw.ts';
import { WATCH_REMOVE } from '@halo/shapes/mutations/watch-remove.ts';
import { WATCH_SET } from '@halo/shapes/mutations/watch-set.ts';
import type { HaloMutations, Queued } from '../mutations-api.ts';

/** The methods of an open device that write: each is one mutation. */
export abstract class WritingDevice implements HaloMutations {
  /** Checks and queues a mutation. */
  protected abstract queue(type: string, args: unknown): Promise<Queued>;

  report(report: Parameters<HaloMutations['report']>[0]): Promise<Queued> {
    return this.queue(REPORT_CREATE, report);
  }

  amendReport(...[reportId, changes, seen]: Parameters<HaloMutations['amendReport']>): Promise<Queued> {
    return this.queue(REPORT_AMEND, { reportId, changes, ...seen });
  }

  withdrawReport(reportId: string): Promise<Queued> {
    return this.queue(REPORT_WITHDRAW, { reportId });
  }

  addComment(comment: Parameters<HaloMutations['addComment']>[0]): Promise<Queued> {
    return this.queue(COMMENT_CREATE, comment);
  }

  deleteComment(commentId: string): Promise<Queued> {
    return this.queue(COMMENT_DELETE, { commentId });
  }

  setWatch(watch: Parameters<HaloMutations['setWatch']>[0]): Promise<Queued> {
    return this.queue(WATCH_SET, watch);
  }

  removeWatch(watchId: string): Promise<Queued> {
    return this.queue(WATCH_REMOVE, { watchId });
  }

  transitionIncident(...[incidentId, to, decision]: Parameters<HaloMutations['transitionIncident']>) {
    return this.queue(INCIDENT_TRANSITION, { incidentId, to, ...decision });
  }
}
