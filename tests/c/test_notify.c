#include "notify/notify.h"

#include "seed.h"
#include "test.h"

static const char canonical_order[] = "g$lshzxetdnocKEmSTIV";

static void printed(const char *letters, const char *expected)
{
    unsigned flags;
    struct buffer text = {0};
    CHECK(notify_parse_flags(slice_of(letters), &flags));
    notify_print_flags(flags, &text);
    CHECK_TEXT(buffer_slice(&text).ptr, expected);
    buffer_fini(&text);
}

static void golden_forms(void)
{
    printed("", "");
    printed("KEA", "AKE");
    printed("KA", "AK");
    printed("AE", "AE");
    printed("A", "A");
    printed("gKE", "gKE");
    printed("EKg", "gKE");
    printed("$lshzxeKE", "$lshzxeKE");
    printed("g$lshzxetd", "A");
    printed("dtexzhsl$g", "A");
    printed("g$lshzxet", "g$lshzxet");
    printed("KEAn", "AnKE");
    printed("nKEA", "AnKE");
    printed("KEn", "nKE");
    printed("KEAm", "AKEm");
    printed("mKE", "KEm");
    printed("ocKE", "ocKE");
    printed("KEAnocm", "AnocKEm");
    printed("Agx", "A");
    printed("KKEEgg", "gKE");
    printed("Ex", "xE");
    printed("VITS", "STIV");
    printed("hSTIV", "hSTIV");
    printed("AKEmnocSTIV", "AnocKEmSTIV");
}

static void each_letter_is_one_flag(void)
{
    unsigned all = 0, flags;
    for (size_t i = 0; i < strlen(canonical_order); i++) {
        CHECK(notify_parse_flags(slice_make(&canonical_order[i], 1), &flags));
        CHECK_INT(__builtin_popcount(flags), 1);
        CHECK_INT(all & flags, 0);
        all |= flags;
    }
    CHECK(notify_parse_flags(SLICE("A"), &flags));
    CHECK_INT(__builtin_popcount(flags), 10);
    CHECK_INT(__builtin_popcount(all), 20);
    CHECK(notify_parse_flags(SLICE("KE"), &flags) && flags == (NOTIFY_KEYSPACE | NOTIFY_KEYEVENT));
    CHECK(notify_parse_flags(SLICE("x"), &flags) && flags == 1u << EVENT_CLASS_EXPIRED);
}

static void unknown_letters(void)
{
    for (int c = 0; c < 256; c++) {
        char letters[] = {'K', (char)c};
        unsigned flags;
        bool known = c == 'A' || (c && strchr(canonical_order, c));
        CHECK_INT(notify_parse_flags(slice_make(letters, 2), &flags), known);
        CHECK_INT(notify_parse_flags(slice_make(letters + 1, 1), &flags), known);
    }
}

/* What is printed reads back the same, has the canonical order, and `A` stands
 * for its ten letters and in front of all. */
static void any_flags_come_back(void)
{
    struct random r;
    seed_init(&r);
    for (int i = 0; i < 100000; i++) {
        char letters[24];
        size_t len = random_below(&r, sizeof letters);
        for (size_t at = 0; at < len; at++) letters[at] = canonical_order[random_below(&r, 20)];
        if (len && random_below(&r, 2)) letters[0] = 'A';
        unsigned flags, again;
        struct buffer text = {0};
        CHECK(notify_parse_flags(slice_make(letters, len), &flags));
        notify_print_flags(flags, &text);
        CHECK(notify_parse_flags(buffer_slice(&text), &again));
        CHECK_INT(again, flags);
        const char *last = canonical_order - 1, *at = buffer_slice(&text).ptr;
        if (*at == 'A') last = canonical_order + 9, at++;
        for (; *at; at++) {
            const char *place = strchr(canonical_order, *at);
            CHECK(place > last);
            last = place;
        }
        buffer_fini(&text);
    }
}

static void classes_have_names(void)
{
    CHECK_TEXT(notify_class_name(EVENT_CLASS_GENERIC), "generic");
    CHECK_TEXT(notify_class_name(EVENT_CLASS_MISS), "keymiss");
    CHECK_TEXT(notify_class_name(EVENT_CLASS_TYPE_CHANGED), "type_changed");
    for (int class = 0; class < EVENT_CLASS_COUNT; class ++)
        CHECK(notify_class_name((enum event_class) class) != NULL);
    for (int event = 1; event < EVENT_COUNT; event++) {
        CHECK(event_rows[event].class < EVENT_CLASS_COUNT);
        CHECK_INT(event_rows[event].name_len, strlen(event_rows[event].name));
    }
}

int main(void)
{
    TEST("letters are printed in their canonical form", golden_forms);
    TEST("each letter is a flag of its own", each_letter_is_one_flag);
    TEST("an unknown letter is refused", unknown_letters);
    TEST("any letters come back in the canonical order", any_flags_come_back);
    TEST("each class and event has a name", classes_have_names);
    return TEST_END();
}
