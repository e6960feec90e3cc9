// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.RepresentToNode;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import org.snakeyaml.engine.v2.schema.Schema;

/// YAML as trees, for files that people keep, read and written as kubectl does: by YAML 1.1, where `yes` is a truth
/// value and `0644` is octal.
public final class Yaml {
    private static final Pattern TRUE = Pattern.compile("y|yes|on|true");
    private static final Pattern FALSE = Pattern.compile("n|no|off|false");
    private static final Pattern NULL = Pattern.compile("|~|null");
    private static final Pattern OCTAL = Pattern.compile("[-+]?0[0-7_]+");
    private static final Pattern BINARY = Pattern.compile("[-+]?0b[01_]+");
    private static final Pattern HEXADECIMAL = Pattern.compile("[-+]?0x[0-9a-f_]+");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(?:0|[1-9][0-9_]*)");
    private static final Pattern FLOAT =
            Pattern.compile("[-+]?(?:[0-9][0-9_]*\\.?[0-9_]*|\\.[0-9_]+)(?:e[-+]?[0-9]+)?|[-+]?\\.inf|\\.nan");

    /// What some reader of YAML takes for something else than a text: dates and numbers of base 60 as well.
    private static final Pattern DOUBTFUL = Pattern.compile("[-+.]?[0-9][-+.0-9_:a-fxtzo ]*|<<|=");

    private Yaml() {}

    public static String write(Object tree) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndicatorIndent(0)
                .setIndent(2)
                .setWidth(120)
                .build();
        return new Dump(settings, new Quoting(settings)).dumpToString(tree);
    }

    /// The documents of a file.
    ///
    /// @throws IllegalArgumentException when it is no YAML
    public static List<JsonObject> read(String text) {
        List<JsonObject> documents = new ArrayList<>();
        try {
            LoadSettings settings =
                    LoadSettings.builder().setSchema(new Kubernetes()).build();
            for (Object document : new Load(settings).loadAllFromString(text)) {
                if (document != null) {
                    documents.add(JsonObject.of(document));
                }
            }
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("not YAML: " + why(e), e);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException("not YAML that can be read: it is nested too deeply", e);
        }
        return documents;
    }

    /// The problem and its line, where the reader knows them.
    private static String why(YamlEngineException e) {
        if (e instanceof MarkedYamlEngineException marked && marked.getProblem() != null) {
            return marked.getProblem()
                    + marked.getProblemMark()
                            .map(mark -> " in line " + (mark.getLine() + 1))
                            .orElse("");
        }
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static Tag tag(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (NULL.matcher(lower).matches()) {
            return Tag.NULL;
        }
        if (TRUE.matcher(lower).matches() || FALSE.matcher(lower).matches()) {
            return Tag.BOOL;
        }
        boolean whole = OCTAL.matcher(lower).matches()
                || DECIMAL.matcher(lower).matches()
                || HEXADECIMAL.matcher(lower).matches()
                || BINARY.matcher(lower).matches();
        return whole ? Tag.INT : FLOAT.matcher(lower).matches() ? Tag.FLOAT : Tag.STR;
    }

    /// Quotes what would not be read as the text that it is.
    private static final class Quoting extends StandardRepresenter {
        Quoting(DumpSettings settings) {
            super(settings);
            RepresentToNode plain = Objects.requireNonNull(representers.get(String.class));
            representers.put(String.class, data -> {
                String text = String.valueOf(data);
                boolean doubtful = !tag(text).equals(Tag.STR)
                        || DOUBTFUL.matcher(text.toLowerCase(Locale.ROOT)).matches();
                return doubtful ? representScalar(Tag.STR, text, ScalarStyle.DOUBLE_QUOTED) : plain.representData(text);
            });
        }
    }

    /// Scalars as YAML 1.1 has them.
    private static final class Kubernetes implements Schema {
        @Override
        public ScalarResolver getScalarResolver() {
            return (value, implicit) -> implicit ? tag(value) : Tag.STR;
        }

        @Override
        public Map<Tag, ConstructNode> getSchemaTagConstructors() {
            Map<Tag, ConstructNode> all = new HashMap<>(new CoreSchema().getSchemaTagConstructors());
            all.put(Tag.NULL, new Scalar(_ -> null));
            all.put(Tag.BOOL, new Scalar(text -> TRUE.matcher(text).matches()));
            all.put(Tag.INT, new Scalar(Yaml::whole));
            all.put(Tag.FLOAT, new Scalar(text -> switch (text) {
                case ".nan" -> Double.NaN;
                case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
                case "-.inf" -> Double.NEGATIVE_INFINITY;
                default -> Double.valueOf(text.replace("_", ""));
            }));
            return all;
        }
    }

    private static Object whole(String text) {
        String digits = text.replace("_", "").replace("+", "");
        boolean negative = digits.startsWith("-");
        String plain = negative ? digits.substring(1) : digits;
        long number = plain.startsWith("0x")
                ? Long.parseLong(plain.substring(2), 16)
                : plain.startsWith("0b")
                        ? Long.parseLong(plain.substring(2), 2)
                        : Long.parseLong(plain, plain.length() > 1 && plain.startsWith("0") ? 8 : 10);
        long signed = negative ? -number : number;
        return signed == (int) signed ? (Object) (int) signed : (Object) signed;
    }

    /// A scalar by its text in lower case.
    private record Scalar(java.util.function.Function<String, @Nullable Object> value) implements ConstructNode {
        @Override
        public @Nullable Object construct(Node node) {
            try {
                return value.apply(((ScalarNode) node).getValue().toLowerCase(Locale.ROOT));
            } catch (NumberFormatException e) {
                throw new YamlEngineException("number out of range: " + ((ScalarNode) node).getValue());
            }
        }
    }
}
