#include "base/log.h"
#include "platform/http/http_test_kit.h"

int main(void)
{
    log_set_level(LOG_ERROR);
    return http_reading_tests() + http_form_tests() + http_seats_tests() + http_life_tests();
}
