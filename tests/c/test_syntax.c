/* From the syntax text of a command's row to the tree of its arguments. */
#include "app/wiring.h"
#include "base/buffer.h"
#include "base/mem.h"
#include "core/server.h"
#include "core/syntax.h"
#include "test.h"

/* The tree as one line: name<type>, TOKEN before it, key spec behind '#', '?'
 * optional, '+' multiple, '++' with its token; members in parentheses. */
static void print(const struct arguments *arguments, struct buffer *to)
{
    for (int i = 0; i < arguments->count; i++) {
        const struct argument *argument = &arguments->at[i];
        if (i) buffer_append_char(to, ' ');
        if (argument->token.ptr) buffer_printf(to, "'%.*s' ", (int)argument->token.len, argument->token.ptr);
        buffer_printf(to, "%s<%s>", argument->name, syntax_type_name(argument->type));
        if (argument->key_spec >= 0) buffer_printf(to, "#%d", argument->key_spec);
        if (argument->optional) buffer_append_char(to, '?');
        if (argument->multiple) buffer_append_text(to, argument->repeats_token ? "++" : "+");
        if (argument->members.count == 0) continue;
        buffer_append_char(to, '(');
        print(&argument->members, to);
        buffer_append_char(to, ')');
    }
}

static void check_row(const struct command *row, const char *expected)
{
    struct arguments arguments = {0};
    struct buffer text = {0};
    bool parsed = syntax_parse(row, &arguments);
    print(&arguments, &text);
    syntax_free(&arguments);
    char actual[1024];
    snprintf(actual, sizeof actual, "%s", text.data ? text.data : "");
    buffer_fini(&text);
    CHECK_TEXT(actual, expected);
    CHECK(parsed);
}

static void check(const char *syntax, const char *expected)
{
    check_row(&(struct command){.syntax = syntax}, expected);
}

static void check_refused(const char *syntax)
{
    struct arguments arguments = {0};
    bool parsed = syntax_parse(&(struct command){.syntax = syntax}, &arguments);
    syntax_free(&arguments);
    if (parsed) printf("    accepted: %s\n", syntax);
    CHECK(!parsed);
}

static void words_have_the_type_of_their_name(void)
{
    check("count score pattern unix-time-seconds member",
          "count<integer> score<double> pattern<pattern> unix-time-seconds<unix-time> member<string>");
}

static void a_written_type_prevails(void)
{
    check("increment:double count:string ip:port", "increment<double> count<string> ip:port<string>");
}

static void a_token_announces_the_words_behind_it(void)
{
    check("[COUNT count]", "'COUNT' count<integer>?");
    check("[LIMIT offset count]", "'LIMIT' offset_count<block>?(offset<integer> count<integer>)");
    check("[NOW]", "'NOW' now<pure-token>?");
}

static void a_token_may_announce_a_choice(void)
{
    check("[AGGREGATE <SUM | MIN>]",
          "'AGGREGATE' aggregate<oneof>?('SUM' sum<pure-token> 'MIN' min<pure-token>)");
}

static void a_choice_is_named_by_what_is_known_or_by_its_members(void)
{
    check("[NX | XX]", "condition<oneof>?('NX' nx<pure-token> 'XX' xx<pure-token>)");
    check("<ON | OFF>", "on_off<oneof>('ON' on<pure-token> 'OFF' off<pure-token>)");
    check("<whereto: LEFT | RIGHT>", "whereto<oneof>('LEFT' left<pure-token> 'RIGHT' right<pure-token>)");
}

static void some_tokens_have_a_name_of_their_own(void)
{
    check("[CH]", "'CH' change<pure-token>?");
    check("[= | ~] <* | id>", "operator<oneof>?('=' equal<pure-token> '~' approximately<pure-token>) "
                              "auto_id_id<oneof>('*' auto_id<pure-token> id<string>)");
    check("<\"\" | $>", "empty_string_new_id<oneof>('' empty_string<pure-token> '$' new_id<pure-token>)");
}

static void the_last_words_may_be_repeated(void)
{
    check("member [member ...]", "member<string>+");
    check("[NOW] score member [score member ...]",
          "'NOW' now<pure-token>? score_member<block>+(score<double> member<string>)");
    check("[member [member ...]]", "member<string>?+");
}

static void a_token_is_repeated_where_it_is_written_again(void)
{
    check("[WEIGHTS weight [weight ...]]", "'WEIGHTS' weight<integer>?+");
    check("[GET pattern [GET pattern ...]]", "'GET' pattern<pattern>?++");
    check("[GET encoding offset [GET encoding offset ...]]",
          "'GET' encoding_offset<block>?++(encoding<string> offset<integer>)");
}

static void words_behind_a_count_are_repeated_within_the_tokens_block(void)
{
    check("FIELDS numfields field [field ...]",
          "'FIELDS' numfields_field<block>(numfields<integer> field<string>+)");
    check("FIELDS numfields field value [field value ...]",
          "'FIELDS' numfields_field_value<block>(numfields<integer> field_value<block>+(field<string> "
          "value<string>))");
}

static void a_group_may_be_repeated_as_a_whole(void)
{
    check("[operation: GET offset length | <UP | DOWN>] ...",
          "operation<oneof>?+('GET' offset_length<block>(offset<integer> length<string>) up_down<oneof>('UP' "
          "up<pure-token> 'DOWN' down<pure-token>))");
}

static void a_written_name_makes_a_group_of_its_own(void)
{
    check("[count: COUNT count [ANY]]", "count<block>?('COUNT' count<integer> 'ANY' any<pure-token>?)");
    check("[ID <id: client-id [client-id ...]>]", "'ID' id<block>?(client-id<integer>+)");
    check("<box: BYBOX width height>", "box<block>('BYBOX' width<double> height<double>)");
}

static void alternatives_of_several_words_are_blocks(void)
{
    check("<args: host port | NO ONE>",
          "args<oneof>(host_port<block>(host<string> port<integer>) no_one<block>('NO' no<pure-token> 'ONE' "
          "one<pure-token>))");
}

static void keys_know_their_spec(void)
{
    struct command row = {.syntax = "destination numkeys key [key ...]",
                          .keys = {{.flags = KEY_OW}, {.flags = KEY_RO}}};
    check_row(&row, "destination<key>#0 numkeys<integer> key<key>#1+");
    row.syntax = "key1 key2 key";
    check_row(&row, "key1<key>#0 key2<key>#1 key<key>#1");
    check("key", "key<string>");
}

static void keys_that_no_rule_tells_are_patterns(void)
{
    struct command row = {
        .syntax = "key [BY pattern] [GET pattern [GET pattern ...]] [STORE destination]",
        .keys = {{.flags = KEY_RO}, {.flags = KEY_RO, .unknown = true}, {.flags = KEY_OW, .unknown = true}},
    };
    check_row(&row,
              "key<key>#0 'BY' pattern<pattern>#1? 'GET' pattern<pattern>#1?++ 'STORE' destination<key>#2?");
}

static void malformed_texts_are_refused(void)
{
    check_refused("[key");
    check_refused("key]");
    check_refused("<a | >");
    check_refused("[]");
    check_refused("...");
    check_refused("a [a b ...]");
    check_refused("key [field ...]");
    check_refused("key [<a | b> ...]");
    check_refused("TOKEN <a");
    check_refused("a | b");
}

static int count_malformed(const struct command_state *command)
{
    struct arguments arguments = {0};
    int malformed = !syntax_parse(command->row, &arguments);
    if (malformed) printf("    %s: %s\n", command->full_name, command->row->syntax);
    syntax_free(&arguments);
    for (int i = 0; i < command->subcommand_count; i++)
        malformed += count_malformed(&command->subcommands[i]);
    return malformed;
}

static void every_command_has_a_syntax_that_can_be_read(void)
{
    char name[] = "redis-server", *argv[] = {name, NULL};
    struct server *server = wiring_new(1, argv);
    int malformed = 0;
    for (int i = 0; i < command_count(server->commands); i++)
        malformed += count_malformed(command_at(server->commands, i));
    wiring_free(server);
    CHECK_INT(malformed, 0);
}

int main(void)
{
    mem_thread_init();
    TEST("words have the type of their name", words_have_the_type_of_their_name);
    TEST("a written type prevails", a_written_type_prevails);
    TEST("a token announces the words behind it", a_token_announces_the_words_behind_it);
    TEST("a token may announce a choice", a_token_may_announce_a_choice);
    TEST("a choice is named by what is known, or by its members",
         a_choice_is_named_by_what_is_known_or_by_its_members);
    TEST("some tokens have a name of their own", some_tokens_have_a_name_of_their_own);
    TEST("the last words may be repeated", the_last_words_may_be_repeated);
    TEST("a token is repeated where it is written again", a_token_is_repeated_where_it_is_written_again);
    TEST("words behind a count are repeated within the token's block",
         words_behind_a_count_are_repeated_within_the_tokens_block);
    TEST("a group may be repeated as a whole", a_group_may_be_repeated_as_a_whole);
    TEST("a written name makes a group of its own", a_written_name_makes_a_group_of_its_own);
    TEST("alternatives of several words are blocks", alternatives_of_several_words_are_blocks);
    TEST("keys know their spec", keys_know_their_spec);
    TEST("keys that no rule tells are patterns", keys_that_no_rule_tells_are_patterns);
    TEST("malformed texts are refused", malformed_texts_are_refused);
    TEST("every command has a syntax that can be read", every_command_has_a_syntax_that_can_be_read);
    return TEST_END();
}
