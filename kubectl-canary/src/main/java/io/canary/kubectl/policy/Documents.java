// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.app.Names;
import io.canary.domain.json.JsonObject;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Yaml;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The objects of YAML and JSON files, of folders of them, and of standard input; those of a `List` each by itself.
///
/// @param documents what could be read
/// @param problems what could not, one line each
public record Documents(List<Document> documents, List<String> problems) {
    private static final int DEEPEST = 100;
    private static final int MOST_VALUES = 2_000_000;

    public Documents {
        documents = List.copyOf(documents);
        problems = List.copyOf(problems);
    }

    /// Reads `names`.
    ///
    /// @param base where names that are not absolute begin
    /// @param input all of standard input, for `-`
    public static Documents of(Path base, List<String> names, Supplier<String> input) {
        List<Document> documents = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String name : names) {
            if (name.equals("-")) {
                read("standard input", base, input.get(), documents, problems);
                continue;
            }
            try {
                for (Path file : files(base.resolve(name), problems)) {
                    Path parent = file.getParent();
                    read(
                            Names.printable(file.toString()),
                            parent == null ? base : parent,
                            Files.readString(file),
                            documents,
                            problems);
                }
            } catch (NoSuchFileException e) {
                problems.add(Names.quoted(name) + " does not exist");
            } catch (MalformedInputException e) {
                problems.add(Names.quoted(name) + " is no text in UTF-8");
            } catch (IOException | RuntimeException e) {
                problems.add(
                        "cannot read " + Names.quoted(name) + ": " + Names.printable(String.valueOf(e.getMessage())));
            }
        }
        return new Documents(documents, problems);
    }

    /// Objects that stand in another file.
    static Documents inline(String where, Path folder, List<JsonObject> objects) {
        List<Document> documents = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        objects.forEach(object -> add(where, folder, object.fields(), documents, problems));
        return new Documents(documents, problems);
    }

    Documents and(Documents others) {
        return new Documents(
                Stream.concat(documents.stream(), others.documents.stream()).toList(),
                Stream.concat(problems.stream(), others.problems.stream()).toList());
    }

    /// A file itself; of a folder its YAML and JSON by name, not those of folders in it, as kubectl does.
    private static List<Path> files(Path path, List<String> problems) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> all = Files.list(path)) {
            List<Path> files = all.filter(
                            file -> Files.isRegularFile(file) && file.toString().matches(".*\\.(?:ya?ml|json)"))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                problems.add(Names.quoted(path.toString()) + " has no .yaml, .yml or .json file");
            }
            return files;
        }
    }

    private static void read(String where, Path folder, String text, List<Document> documents, List<String> problems) {
        try {
            List<JsonObject> read = parsed(text);
            for (int i = 0; i < read.size(); i++) {
                add(
                        read.size() == 1 ? where : where + " (document " + (i + 1) + ")",
                        folder,
                        read.get(i).fields(),
                        documents,
                        problems);
            }
        } catch (IllegalArgumentException e) {
            problems.add(where + " is " + Names.printable(String.valueOf(e.getMessage())));
        }
    }

    private static List<JsonObject> parsed(String text) {
        if (text.stripLeading().startsWith("{")) {
            try {
                return List.of(JsonObject.of(Json.document(text)));
            } catch (Json.NotJsonException _) {
                // YAML may begin so too.
            }
        }
        return Yaml.read(text);
    }

    private static void add(
            String where, Path folder, Map<?, ?> fields, List<Document> documents, List<String> problems) {
        int[] left = {MOST_VALUES};
        Object plain;
        try {
            plain = plain(fields, 0, left);
        } catch (IllegalArgumentException e) {
            problems.add(where + " " + e.getMessage());
            return;
        }
        JsonObject object = JsonObject.of(plain);
        if (object.text("kind").isEmpty()) {
            problems.add(where + ": kind is missing: it is no object of Kubernetes");
        } else if (object.text("kind").equals("List") || object.fields().get("items") instanceof List) {
            List<JsonObject> items = object.objects("items");
            for (int i = 0; i < items.size(); i++) {
                add(where + " (item " + (i + 1) + ")", folder, items.get(i).fields(), documents, problems);
            }
        } else {
            documents.add(new Document(where, folder, object));
        }
    }

    /// A copy without anchors: YAML may hold a few that stand for billions of values, or for themselves.
    private static @Nullable Object plain(@Nullable Object value, int depth, int[] left) {
        if (depth > DEEPEST || --left[0] < 0) {
            throw new IllegalArgumentException("is nested too deeply, or too large");
        }
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((key, each) -> copy.put(String.valueOf(key), plain(each, depth + 1, left)));
                yield copy;
            }
            case List<?> list -> {
                List<@Nullable Object> copy = new ArrayList<>();
                list.forEach(each -> copy.add(plain(each, depth + 1, left)));
                yield copy;
            }
            case null, default -> value;
        };
    }
}
