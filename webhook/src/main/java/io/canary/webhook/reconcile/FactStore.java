// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.webhook.kube.Metas;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The facts of all objects of one kind: an informer puts whole objects in, only facts stay. Results of our own
/// writes are put in too, before the informer sees them; whatever is older than what stands here is ignored, so a
/// plan never sees the state before its own write.
///
/// Handlers are not needed: [Listener] is called in the same thread, right after the change.
final class FactStore<T extends HasMetadata, F> implements ItemStore<T> {
    private static final Logger LOG = LoggerFactory.getLogger(FactStore.class);
    private static final int MOST_TOMBSTONES = 10_000;

    /// An object's facts with what a write of it needs.
    ///
    /// @param version its resourceVersion, as a number
    record Held<F>(String uid, long version, long generation, F facts) {}

    /// Reads an object; gets what is held of the same object so far.
    @FunctionalInterface
    interface Reader<T, F> {
        F read(T object, @Nullable Held<F> held);
    }

    /// Told when facts really changed; the store's lock is held.
    @FunctionalInterface
    interface Listener<F> {
        void changed(String namespace, String name, @Nullable F before, @Nullable F after);
    }

    private final Object lock;
    private final Supplier<T> shell;
    private final Reader<T, F> reader;
    private final Listener<F> listener;
    private final Map<String, Map<String, Held<F>>> byNamespace = new HashMap<>();
    private volatile long lastTold = System.nanoTime();
    private final Map<String, String> deleted = new HashMap<>(); // key -> uid of what we deleted ourselves

    /// @param lock guards this store and those it is read together with
    /// @param shell makes an empty object, for the keys that the informer asks for
    FactStore(Object lock, Supplier<T> shell, Reader<T, F> reader, Listener<F> listener) {
        this.lock = lock;
        this.shell = shell;
        this.reader = reader;
        this.listener = listener;
    }

    /// Takes in an object from the informer or as the answer to a write of ours; returns what was read, whether it
    /// was newer than what stood here or not.
    Held<F> offer(T object) {
        String namespace = Metas.namespace(object);
        String name = Metas.name(object);
        Held<F> known = held(namespace, name);
        F facts = reader.read(object, known != null && known.uid().equals(Metas.uid(object)) ? known : null);
        synchronized (lock) {
            Held<F> held = held(namespace, name);
            long version = Metas.version(object);
            boolean same = held != null && held.facts().equals(facts);
            // Equal facts stay the same instance, so that "nothing changed since" is a comparison by identity.
            F kept = held != null && same ? held.facts() : facts;
            Held<F> read = new Held<>(Metas.uid(object), version, Metas.generation(object), kept);
            if ((held != null && version <= held.version())
                    || Metas.uid(object).equals(deleted.get(key(namespace, name)))) {
                return read;
            }
            deleted.remove(key(namespace, name));
            byNamespace.computeIfAbsent(namespace, _ -> new HashMap<>()).put(name, read);
            if (!same) {
                listener.changed(namespace, name, held == null ? null : held.facts(), facts);
            }
            return read;
        }
    }

    /// Takes in a write of ours whose answer is not the whole object; returns what it made of `from`.
    ///
    /// @param from what the write supposed
    /// @param version the resourceVersion that the object has since
    Held<F> revise(String namespace, String name, Held<F> from, long version, UnaryOperator<F> edit) {
        synchronized (lock) {
            F facts = edit.apply(from.facts());
            Held<F> revised = new Held<>(from.uid(), version, from.generation(), facts);
            Held<F> held = held(namespace, name);
            if (held != null && held.uid().equals(from.uid()) && version > held.version()) {
                byNamespace.getOrDefault(namespace, new HashMap<>()).put(name, revised);
                if (!facts.equals(held.facts())) {
                    listener.changed(namespace, name, held.facts(), facts);
                }
            }
            return revised;
        }
    }

    /// Takes out an object that we deleted; late events about it are ignored.
    void deleted(String namespace, String name, String uid) {
        synchronized (lock) {
            Held<F> held = held(namespace, name);
            if (held != null && held.uid().equals(uid)) {
                if (deleted.size() >= MOST_TOMBSTONES) {
                    deleted.clear();
                }
                deleted.put(key(namespace, name), uid);
                drop(namespace, name);
            }
        }
    }

    /// Takes out what was found to be gone, unless something else is known of it by now.
    void gone(String namespace, String name, Held<F> seen) {
        synchronized (lock) {
            if (seen.equals(held(namespace, name))) {
                drop(namespace, name);
            }
        }
    }

    /// Takes out everything, as when the kind is no longer served.
    void clear() {
        synchronized (lock) {
            for (String namespace : List.copyOf(byNamespace.keySet())) {
                for (String name : List.copyOf(in(namespace).keySet())) {
                    drop(namespace, name);
                }
            }
            deleted.clear();
        }
    }

    private void drop(String namespace, String name) {
        Map<String, Held<F>> names = byNamespace.get(namespace);
        Held<F> gone = names == null ? null : names.remove(name);
        if (names != null && names.isEmpty()) {
            byNamespace.remove(namespace);
        }
        if (gone != null) {
            listener.changed(namespace, name, gone.facts(), null);
        }
    }

    @Nullable
    Held<F> held(String namespace, String name) {
        synchronized (lock) {
            return in(namespace).get(name);
        }
    }

    /// The facts of all objects of `namespace`; the lock must be held.
    Collection<Held<F>> all(String namespace) {
        return in(namespace).values();
    }

    /// Those objects of `namespace` whose facts are `wanted`, by name.
    Map<String, Held<F>> named(String namespace, Predicate<F> wanted) {
        synchronized (lock) {
            Map<String, Held<F>> found = new HashMap<>(in(namespace));
            found.values().removeIf(held -> !wanted.test(held.facts()));
            return found;
        }
    }

    private Map<String, Held<F>> in(String namespace) {
        return byNamespace.getOrDefault(namespace, Map.of());
    }

    /// The namespaces that have any.
    List<String> namespaces() {
        synchronized (lock) {
            return List.copyOf(byNamespace.keySet());
        }
    }

    /// Whether the informer told of any object so recently.
    boolean toldWithin(Duration time) {
        return System.nanoTime() - lastTold < time.toNanos();
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }

    // What follows is called by the informer alone. It gets no objects back, so that it tells no handlers.

    @Override
    public String getKey(T object) {
        return key(Metas.namespace(object), Metas.name(object));
    }

    @Override
    @SuppressWarnings("NullAway") // null is the answer for "none before" in a library without annotations
    public T put(String key, T object) {
        lastTold = System.nanoTime();
        try {
            offer(object);
        } catch (RuntimeException e) {
            // One object that we cannot read must not end the watch of all the others.
            LOG.atError()
                    .addKeyValue("kind", object.getKind())
                    .addKeyValue("key", key)
                    .setCause(e)
                    .log("Object not understood; what was known of it stands");
        }
        return null;
    }

    @Override
    @SuppressWarnings("NullAway") // as above
    public T remove(String key) {
        lastTold = System.nanoTime();
        int slash = key.indexOf('/');
        synchronized (lock) {
            deleted.remove(key);
            drop(key.substring(0, slash), key.substring(slash + 1));
        }
        return null;
    }

    @Override
    public Stream<String> keySet() {
        synchronized (lock) {
            return byNamespace.entrySet().stream()
                    .flatMap(e -> e.getValue().keySet().stream().map(name -> key(e.getKey(), name)))
                    .toList()
                    .stream();
        }
    }

    @Override
    public Stream<T> values() {
        return keySet().map(this::get).filter(Objects::nonNull);
    }

    @Override
    @SuppressWarnings("NullAway") // as above
    public T get(String key) {
        int slash = key.indexOf('/');
        Held<F> held = held(key.substring(0, slash), key.substring(slash + 1));
        if (held == null) {
            return null;
        }
        T object = shell.get();
        object.setMetadata(new ObjectMetaBuilder()
                .withNamespace(key.substring(0, slash))
                .withName(key.substring(slash + 1))
                .withUid(held.uid())
                .withResourceVersion(Long.toString(held.version()))
                .build());
        return object;
    }

    @Override
    public int size() {
        synchronized (lock) {
            return byNamespace.values().stream().mapToInt(Map::size).sum();
        }
    }

    /// Says that objects are not kept as they came.
    @Override
    public boolean isFullState() {
        return false;
    }
}
