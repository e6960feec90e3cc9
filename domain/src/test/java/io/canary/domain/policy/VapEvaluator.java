// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// Runs the expressions of a shipped ValidatingAdmissionPolicy without an API server: its conditions, variables and
/// validations, in their order. Of Kubernetes' own CEL library it plays the authorizer alone.
public final class VapEvaluator {
    private final List<CelRuntime.Program> conditions = new ArrayList<>();
    private final Map<String, CelRuntime.Program> variables = new LinkedHashMap<>();
    private final List<CelRuntime.Program> validations = new ArrayList<>();
    private final List<CelRuntime.Program> messages = new ArrayList<>();

    /// @param file in `manifests/base`
    public VapEvaluator(String file) {
        Map<?, ?> spec = (Map<?, ?>) Objects.requireNonNull(read(file).get("spec"));
        Cel cel = cel();
        for (Object condition : list(spec, "matchConditions")) {
            conditions.add(program(cel, text(condition, "expression")));
        }
        for (Object variable : list(spec, "variables")) {
            variables.put(text(variable, "name"), program(cel, text(variable, "expression")));
        }
        for (Object validation : list(spec, "validations")) {
            validations.add(program(cel, text(validation, "expression")));
            String message = ((Map<?, ?>) validation).containsKey("messageExpression")
                    ? text(validation, "messageExpression")
                    : "'" + text(validation, "message").replace("'", "\\'") + "'";
            messages.add(program(cel, message));
        }
    }

    /// Every message of a validation that fails; none where a condition does not hold. An expression that cannot be
    /// evaluated is an [AssertionError].
    ///
    /// @param request, object, oldObject, params as the API server has them; numbers are Long or Double
    /// @param may whether the requester holds a verb on `releases.canary.io`
    public List<String> denials(
            Map<String, Object> request,
            Map<String, Object> object,
            Object oldObject,
            Map<String, Object> params,
            Predicate<String> may) {
        Map<String, Object> activation = new HashMap<>();
        activation.put("request", request);
        activation.put("object", object);
        activation.put("oldObject", oldObject);
        activation.put("params", params);
        activation.put("authorizer", new Authorizer(may));
        Map<String, Object> known = new HashMap<>();
        activation.put("variables", known);
        for (CelRuntime.Program condition : conditions) {
            if (!(boolean) run(condition, activation)) {
                return List.of();
            }
        }
        variables.forEach((name, program) -> known.put(name, run(program, activation)));
        List<String> denials = new ArrayList<>();
        for (int i = 0; i < validations.size(); i++) {
            if (!(boolean) run(validations.get(i), activation)) {
                denials.add(String.valueOf(run(messages.get(i), activation)));
            }
        }
        return denials;
    }

    private record Authorizer(Predicate<String> may) {}

    private record Check(boolean allowed) {}

    private static Object run(CelRuntime.Program program, Map<String, Object> activation) {
        try {
            return program.eval(activation);
        } catch (CelEvaluationException e) {
            throw new AssertionError(activation.toString(), e);
        }
    }

    private static CelRuntime.Program program(Cel cel, String expression) {
        try {
            return cel.createProgram(cel.compile(expression).getAst());
        } catch (CelValidationException | CelEvaluationException e) {
            throw new AssertionError(expression, e);
        }
    }

    private static Cel cel() {
        CelType dyn = SimpleType.DYN;
        return CelFactory.standardCelBuilder()
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addCompilerLibraries(CelExtensions.optional(), CelExtensions.strings())
                .addRuntimeLibraries(CelExtensions.optional(), CelExtensions.strings())
                .addVar("request", dyn)
                .addVar("object", dyn)
                .addVar("oldObject", dyn)
                .addVar("params", dyn)
                .addVar("variables", dyn)
                .addVar("authorizer", dyn)
                .addFunctionDeclarations(
                        step("group"),
                        step("resource"),
                        step("namespace"),
                        step("name"),
                        step("check"),
                        CelFunctionDecl.newFunctionDeclaration(
                                "allowed", CelOverloadDecl.newMemberOverload("allowed_dyn", SimpleType.BOOL, dyn)))
                .addFunctionBindings(
                        on("group"),
                        on("resource"),
                        on("namespace"),
                        on("name"),
                        CelFunctionBinding.from(
                                "check_dyn_string",
                                Object.class,
                                String.class,
                                (authorizer, verb) -> new Check(
                                        ((Authorizer) authorizer).may().test(verb))),
                        CelFunctionBinding.from("allowed_dyn", Object.class, check -> ((Check) check).allowed()))
                .build();
    }

    private static CelFunctionDecl step(String name) {
        return CelFunctionDecl.newFunctionDeclaration(
                name,
                CelOverloadDecl.newMemberOverload(
                        name + "_dyn_string", SimpleType.DYN, SimpleType.DYN, SimpleType.STRING));
    }

    private static CelFunctionBinding on(String name) {
        return CelFunctionBinding.from(name + "_dyn_string", Object.class, String.class, (authorizer, _) -> authorizer);
    }

    private static Map<?, ?> read(String file) {
        Path path = Path.of("..", "manifests", "base", file);
        try {
            for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(Files.readString(path))) {
                if (document instanceof Map<?, ?> map && "ValidatingAdmissionPolicy".equals(map.get("kind"))) {
                    return map;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError(file);
    }

    private static List<?> list(Map<?, ?> map, String field) {
        return map.get(field) instanceof List<?> list ? list : List.of();
    }

    private static String text(Object map, String field) {
        return Objects.requireNonNull((String) ((Map<?, ?>) map).get(field));
    }
}
