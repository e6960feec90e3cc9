// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CommandLineTest {
    private static CommandLine parse(String line) {
        return CommandLine.parse(line.isEmpty() ? List.of() : List.of(line.split(" ", -1)));
    }

    private static CommandLine.Run run(String line) {
        return (CommandLine.Run) parse(line);
    }

    @Test
    void kubectlsFlagsMayStandAnywhereAndAreHandedOn() {
        CommandLine.Run run = run("-n shop set --context=prod weight order 25 --as bob -v6");
        assertThat(run.verb()).isEqualTo(Verb.SET_WEIGHT);
        assertThat(run.arguments().plain()).containsExactly("order", "25");
        assertThat(run.arguments().kubectl())
                .containsExactly("--namespace=shop", "--context=prod", "--as=bob", "--v=6");
    }

    @Test
    void shortFlagsMayBeJoinedAndTakeValues() {
        CommandLine.Run run = run("list -Aw -ojson");
        assertThat(run.arguments().on("all-namespaces")).isTrue();
        assertThat(run.arguments().on("watch")).isTrue();
        assertThat(run.arguments().value("output")).isEqualTo("json");
    }

    @Test
    void whatFollowsTwoDashesIsNoFlag() {
        assertThat(run("promote -- --odd").arguments().plain()).containsExactly("--odd");
    }

    @Test
    void flagsThatAreNotGivenHaveTheirFallback() {
        assertThat(run("promote order").arguments().value("timeout")).isEqualTo("5m");
        assertThat(run("promote order --wait=false").arguments().on("wait")).isFalse();
    }

    @Test
    void otherToolsWordsAreUnderstood() {
        assertThat(run("rollback order").verb()).isEqualTo(Verb.ABORT);
        assertThat(run("diff order").verb()).isEqualTo(Verb.PLAN);
    }

    @ParameterizedTest
    @CsvSource({
        "prmote order, unknown command \"prmote\", did you mean: kubectl canary promote",
        "set wieght order 1, unknown command \"set wieght\", did you mean: kubectl canary set weight",
        "status --wtch, unknown flag \"--wtch\"; did you mean --watch?, kubectl canary status --help",
        "promote, promote needs APP, kubectl canary promote --help",
        "undo a b, undo takes APP; \"b\" is too much, kubectl canary undo --help",
        "status -o, flag --output needs a value, kubectl canary status --help",
        "promote order --wait=yes, 'flag --wait is true or false, not \"yes\"', kubectl canary promote --help",
        "promote order --dry-run=maybe, '--dry-run: \"maybe\" is not one of none, client, server',"
                + " kubectl canary promote --help",
        "status -x, unknown shorthand \"-x\", kubectl canary status --help",
        "--odd, unknown flag \"--odd\", kubectl canary --help"
    })
    void whatIsWrongIsNamedWithTheNextCommand(String line, String error, String hint) {
        assertThat(parse(line)).isEqualTo(new CommandLine.Wrong(error, hint));
    }

    @Test
    void helpIsGivenForAllAndForEachVerb() {
        assertThat(parse("")).isEqualTo(new CommandLine.Help(List.of()));
        assertThat(parse("promote -h")).isEqualTo(new CommandLine.Help(List.of(Verb.PROMOTE)));
        assertThat(parse("help set"))
                .isEqualTo(parse("set --help"))
                .isEqualTo(new CommandLine.Help(List.of(Verb.SET_WEIGHT, Verb.SET_HOSTS, Verb.SET_USERS)));
        assertThat(parse("help set users")).isEqualTo(new CommandLine.Help(List.of(Verb.SET_USERS)));
        assertThat(parse("help nonsense")).isInstanceOf(CommandLine.Wrong.class);
    }

    @ParameterizedTest
    @EnumSource(Verb.class)
    void everyVerbsExamplesAreUnderstood(Verb verb) {
        assertThat(verb.usage().examples()).isNotEmpty();
        verb.usage().examples().stream()
                .filter(line -> line.startsWith("kubectl canary "))
                .map(line -> line.substring("kubectl canary ".length()).replaceAll(" > .*", ""))
                .map(line -> line.replace("\"", "").replace(" on /checkout", ""))
                .forEach(line -> assertThat(parse(line))
                        .as(line)
                        .isInstanceOfSatisfying(
                                CommandLine.Run.class,
                                run -> assertThat(run.verb()).isEqualTo(verb)));
    }

    @ParameterizedTest
    @EnumSource(Verb.class)
    void helpFitsEightyColumns(Verb verb) {
        assertThat(HelpText.of(List.of(verb)))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }
}
