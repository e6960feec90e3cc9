// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Completion scripts, made from the table of verbs. All of them ask the shim, a plain shell script: no JVM starts
/// for a completion, and names of apps come from one call of kubectl.
public final class Shells {
    private static final String SHIM = "kubectl_complete-canary";

    private Shells() {}

    /// The script of a shell, if it is one we know.
    public static Optional<List<String>> script(String shell) {
        return switch (shell) {
            case "bash" ->
                Optional.of(List.of(
                        "# bash completion for kubectl-canary; kubectl's own completion asks " + SHIM + " too",
                        "_kubectl_canary() {",
                        "  local line",
                        "  COMPREPLY=()",
                        "  while IFS= read -r line; do",
                        "    case $line in :[0-9]*) ;; *) COMPREPLY+=(\"${line%%$'\\t'*}\") ;; esac",
                        "  done < <(" + SHIM + " \"${COMP_WORDS[@]:1:COMP_CWORD}\")",
                        "}",
                        "complete -F _kubectl_canary kubectl-canary"));
            case "zsh" ->
                Optional.of(List.of(
                        "#compdef kubectl-canary",
                        "_kubectl_canary() {",
                        "  local -a found",
                        "  local line",
                        "  for line in \"${(@f)$(" + SHIM + " \"${words[@]:1:$((CURRENT-1))}\")}\"; do",
                        "    [[ $line == :<-> ]] || found+=(\"${line%%$'\\t'*}:${line#*$'\\t'}\")",
                        "  done",
                        "  _describe 'kubectl canary' found",
                        "}",
                        "compdef _kubectl_canary kubectl-canary"));
            case "fish" ->
                Optional.of(List.of(
                        "function __kubectl_canary",
                        "  set -l words (commandline -opc) (commandline -ct)",
                        "  " + SHIM + " $words[2..-1] | string match -v -r '^:[0-9]+$'",
                        "end",
                        "complete -c kubectl-canary -f -a '(__kubectl_canary)'"));
            case "powershell" ->
                Optional.of(List.of(
                        "Register-ArgumentCompleter -Native -CommandName kubectl-canary -ScriptBlock {",
                        "  param($word, $ast, $cursor)",
                        "  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })",
                        "  if ($word -eq '') { $words += '' }",
                        "  & " + SHIM + " @words | Where-Object { $_ -notmatch '^:[0-9]+$' } | ForEach-Object {",
                        "    $name, $help = $_ -split \"`t\", 2",
                        "    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', \"$name $help\")",
                        "  }",
                        "}"));
            default -> Optional.empty();
        };
    }

    /// The shim: called by kubectl with the words so far, the last one unfinished; answers a word, a tab and a
    /// description a line, then `:4` (no file names).
    public static List<String> shim() {
        List<String> lines = new ArrayList<>(List.of(
                "#!/bin/sh",
                "# SPDX-License-Identifier: Apache-2.0",
                "# Completes kubectl canary; made by kubectl canary completion kubectl. No JVM starts here.",
                "last= verb= second= count=0 value= globals=",
                "add() { globals=\"$globals '$(printf %s \"$1\" | sed \"s/'/'\\\\\\\\''/g\")'\"; }",
                "for word in \"$@\"; do",
                "  last=$word",
                "  if [ -n \"$value\" ]; then value=; add \"$word\"; continue; fi",
                "  case \"$verb $word\" in 'verify --user'*) continue ;; esac # a canary user, not kubectl's",
                "  case $word in",
                "    " + globals("%s=*") + ") add \"$word\"; continue ;;",
                "    " + globals("%s") + ") value=1; add \"$word\"; continue ;;",
                "    -*) continue ;;",
                "  esac",
                "  count=$((count + 1))",
                "  [ \"$count\" = 1 ] && verb=$word",
                "  [ \"$count\" = 2 ] && second=$word",
                "done",
                "offer() { # offer WORD DESCRIPTION: where it goes on from what is typed",
                "  case $1 in \"$last\"*) printf '%s\\t%s\\n' \"$1\" \"$2\" ;; esac",
                "}",
                "apps() {",
                "  eval \"set -- $globals\"",
                "  \"${KUBECTL_PATH:-${KUBECTL:-kubectl}}\" get releases.canary.io \"$@\" "
                        + "-o 'jsonpath={range .items[*]}{.metadata.name}{\"\\t\"}{.status.phase}{\"\\n\"}{end}' 2>/dev/null |",
                "    while IFS='\t' read -r name phase; do offer \"$name\" \"$phase\"; done",
                "}",
                "flags() {",
                "  case \"$verb $second\" in"));
        for (Verb verb : Verb.values()) {
            String words = verb.words().contains(" ") ? quoted(verb.words()) : quoted(verb.words() + " ") + "*";
            String flags = verb.usage()
                    .allFlags()
                    .map(flag ->
                            "offer '--" + flag.name() + (flag.takesValue() ? "=" : "") + "' " + quoted(flag.help()))
                    .collect(Collectors.joining("; "));
            lines.add("    " + words + ") " + flags + " ;;");
        }
        lines.addAll(List.of("  esac", "}", "if [ \"$count\" -le 1 ] && [ \"${last#-}\" = \"$last\" ]; then"));
        Arrays.stream(Verb.values())
                .filter(verb -> !verb.words().contains(" "))
                .forEach(verb -> lines.add(
                        "  offer " + verb.words() + " " + quoted(verb.usage().summary())));
        lines.add("  offer set 'weights, hosts or users of versions'");
        lines.add("  offer policy 'what limits canaries in this cluster'");
        lines.addAll(List.of("elif [ \"${last#-}\" != \"$last\" ]; then", "  flags", "else", "  case $verb in"));
        String takesApp = Arrays.stream(Verb.values())
                .filter(verb -> verb.usage().completes() != Usage.Completes.NOTHING
                        && verb.usage().completes() != Usage.Completes.SHELL
                        && !verb.words().contains(" "))
                .map(Verb::words)
                .collect(Collectors.joining(" | "));
        lines.addAll(List.of(
                "    set)",
                "      if [ \"$count\" -le 2 ]; then",
                "        offer weight 'a share of traffic and pods'; offer hosts 'whole domains'; offer users 'by header or cookie'",
                "      else apps; fi ;;",
                "    policy)",
                "      if [ \"$count\" -le 2 ]; then",
                "        offer list 'all CanaryPolicies'; offer explain 'what they let an app do now'",
                "        offer test 'judge files by them'; offer report 'what breaks them today'",
                "      elif [ \"$second\" = explain ]; then apps; fi ;;",
                "    completion) for shell in bash zsh fish powershell kubectl; do offer $shell ''; done ;;",
                "    " + takesApp + ") apps ;;",
                "  esac",
                "fi",
                "# Files are the arguments of one verb alone.",
                "case \"$verb $second\" in 'policy test') printf ':0\\n' ;; *) printf ':4\\n' ;; esac"));
        return lines;
    }

    /// The flags that say which cluster and namespace is meant, as a pattern of the shell: the names of its apps are
    /// offered.
    private static String globals(String form) {
        return Stream.of(
                        "--namespace",
                        "-n",
                        "--context",
                        "--kubeconfig",
                        "--cluster",
                        "--user",
                        "--server",
                        "-s",
                        "--as")
                .map(form::formatted)
                .collect(Collectors.joining(" | "));
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
