// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import io.canary.domain.app.App;
import io.canary.domain.app.Release;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Which version of an app sent a response.
///
/// @param deployments of each version, by the version's name
public record Recognition(By by, Map<String, String> deployments) {
    /// The hash and the suffix that a pod's name has after its Deployment's.
    private static final String OF_POD = "-[a-z0-9]{1,10}-[a-z0-9]{5}";

    public Recognition {
        deployments = Map.copyOf(deployments);
    }

    /// By the versions that there are, and by those that the Release still tells of.
    public static Recognition of(By by, App app, Release release) {
        Map<String, String> deployments = new HashMap<>();
        release.versions().forEach(version -> deployments.put(version.name(), version.deployment()));
        app.versions()
                .forEach(version ->
                        deployments.put(version.name(), version.deployment().name()));
        return new Recognition(by, deployments);
    }

    /// The version, or empty where none is named, or more than one.
    public Optional<String> version(Reply reply) {
        return by.texts(reply).stream()
                .flatMap(text -> named(text.strip()).stream())
                .findFirst();
    }

    /// The version that `text` is, or whose pod or Deployment it is, or that it contains as a whole word.
    Optional<String> named(String text) {
        if (deployments.containsKey(text)) {
            return Optional.of(text);
        }
        Set<String> owners = deployments.entrySet().stream()
                .filter(entry -> ofDeployment(text, entry.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        return owners.size() == 1 ? Optional.of(owners.iterator().next()) : contained(text);
    }

    private static boolean ofDeployment(String text, String deployment) {
        return text.startsWith(deployment)
                && (text.length() == deployment.length()
                        || text.substring(deployment.length()).matches(OF_POD));
    }

    private record Word(String version, int from, int to) {
        boolean within(Word other) {
            return other.from <= from && to <= other.to && other.to - other.from > to - from;
        }
    }

    /// `v1-fix` is not also `v1` where both are versions.
    private Optional<String> contained(String text) {
        List<Word> words = new ArrayList<>();
        for (String version : deployments.keySet()) {
            for (int at = text.indexOf(version); at >= 0; at = text.indexOf(version, at + 1)) {
                if (endsWord(text, at - 1, -1) && endsWord(text, at + version.length(), 1)) {
                    words.add(new Word(version, at, at + version.length()));
                }
            }
        }
        Set<String> named = words.stream()
                .filter(word -> words.stream().noneMatch(word::within))
                .map(Word::version)
                .collect(Collectors.toSet());
        return named.size() == 1 ? Optional.of(named.iterator().next()) : Optional.empty();
    }

    /// Whether a word ends before the character at `at`. It goes on in letters and digits, and behind a point that
    /// more of them follow: `v1.2.0` says nothing of a version `v1`.
    private static boolean endsWord(String text, int at, int step) {
        if (at < 0 || at >= text.length()) {
            return true;
        }
        char c = text.charAt(at);
        if (c == '.') {
            int next = at + step;
            return next < 0 || next >= text.length() || !Character.isLetterOrDigit(text.charAt(next));
        }
        return c != '_' && !Character.isLetterOrDigit(c);
    }
}
