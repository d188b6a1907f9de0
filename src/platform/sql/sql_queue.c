#include "base/check.h"
#include "platform/sql/sql_inner.h"

void sql_queue_init(struct sql_queue *queue, unsigned length_max)
{
    *queue = (struct sql_queue){ .length_max = length_max };
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->arrived, NULL);
}

void sql_queue_free(struct sql_queue *queue)
{
    check(queue->first == NULL);
    pthread_mutex_destroy(&queue->lock);
    pthread_cond_destroy(&queue->arrived);
}

bool sql_queue_put(struct sql_queue *queue, struct sql_command *command)
{
    pthread_mutex_lock(&queue->lock);
    bool has_room = queue->length < queue->length_max && !queue->is_closing;
    bool wake = has_room && queue->takers_idle > 0;
    if (has_room) {
        command->next = NULL;
        if (queue->last != NULL)
            queue->last->next = command;
        else
            queue->first = command;
        queue->last = command;
        queue->length++;
    }
    pthread_mutex_unlock(&queue->lock);
    if (wake)
        pthread_cond_signal(&queue->arrived);
    return has_room;
}

struct sql_command *sql_queue_take(struct sql_queue *queue, unsigned count_max)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->first == NULL && !queue->is_closing) {
        queue->takers_idle++;
        pthread_cond_wait(&queue->arrived, &queue->lock);
        queue->takers_idle--;
    }
    struct sql_command *taken = queue->first, *end = taken;
    if (taken != NULL) {
        queue->length--;
        for (unsigned count = 1; count < count_max && end->next != NULL; count++) {
            end = end->next;
            queue->length--;
        }
        queue->first = end->next;
        if (queue->first == NULL)
            queue->last = NULL;
        end->next = NULL;
    }
    pthread_mutex_unlock(&queue->lock);
    return taken;
}

void sql_queue_close(struct sql_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->is_closing = true;
    pthread_cond_broadcast(&queue->arrived);
    pthread_mutex_unlock(&queue->lock);
}
