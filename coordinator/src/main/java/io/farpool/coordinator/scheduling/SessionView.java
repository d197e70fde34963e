package io.farpool.coordinator.scheduling;

/**
 * A session at one moment, as the scheduler sees it.
 *
 * @param session its number
 * @param sessionId its name on the wire
 * @param granted slots that tasks can be sent to
 * @param held slots that may have a process, those being given up included
 * @param queued tasks that wait
 * @param awaited tasks that wait for the client: for their bytes, for streams to grant them on, or for hosts it named
 * @param assigned tasks that hosts have and that have not ended
 * @param offered tasks that have ended with an outcome whose payload the client has not taken yet
 * @param idleSlots slots of it without a task
 * @param prefetched tasks sent ahead of need: more than the slots there
 * @param completed tasks that ended in this epoch
 * @param failed of those, the ones that are not results
 * @param maxWorkers its cap; 0: none
 * @param openedMillis for how long it has been open
 */
public record SessionView(
        int session,
        String sessionId,
        int granted,
        int held,
        int queued,
        int awaited,
        int assigned,
        int offered,
        int idleSlots,
        int prefetched,
        long completed,
        long failed,
        int maxWorkers,
        long openedMillis) {

    static SessionView of(SessionState session, long nowMillis) {
        int awaited = session.unclaimed.size() + session.wanted.size() + session.parked.size();
        return new SessionView(
                session.number,
                session.id,
                session.granted,
                session.held,
                session.queue.size(),
                awaited,
                session.unfinished - session.queue.size() - awaited - session.offered.size(),
                session.offered.size(),
                session.idleSlots,
                session.prefetched,
                session.completions,
                session.failures,
                session.maxWorkers,
                nowMillis - session.openedMillis);
    }
}
