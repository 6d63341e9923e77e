import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { attemptOfDelivery } from "@ilgam/queue";

type BullJob = NonNullable<Awaited<ReturnType<BullMQAdapter["getJob"]>>>;
type Shown = ReturnType<BullJob["toJSON"]>;

/**
 * Shows a queue's deliveries under the attempts of their jobs. BullMQ tries each delivery once, so
 * its own counters would say "attempt 1 of 1" of a job's third try, and "started twice" of a
 * delivery that came before its time. Its priority is a place in the order, no priority of ours.
 */
export class DeliveryAdapter extends BullMQAdapter {
  override async getJob(id: string): Promise<BullJob | undefined> {
    const job = await super.getJob(id);
    return job && asDelivery(job);
  }

  override async getJobs(...page: Parameters<BullMQAdapter["getJobs"]>): Promise<BullJob[]> {
    return (await super.getJobs(...page)).map(asDelivery);
  }
}

function asDelivery(job: BullJob): BullJob {
  const whole = job.toJSON.bind(job);
  job.toJSON = (): Shown => {
    const shown = whole();
    const { attempts: _tries, priority: _place, ...opts } = shown.opts;
    const attemptsMade = attemptOfDelivery(shown) ?? 0;
    return { ...shown, opts, attemptsMade, attemptsStarted: attemptsMade, priority: 0 };
  };
  return job;
}
