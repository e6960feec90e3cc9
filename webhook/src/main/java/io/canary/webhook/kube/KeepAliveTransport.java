// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.transport.Transport;
import java.net.SocketOption;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/// The sockets of the JDK, with keep-alive probes by our clock: where a client asks for keep-alive, a
/// peer that does not acknowledge for [#NOTICED] is given up. The kernel's own clock gives it two
/// hours. Vert.x sets another for its native transports only, which would have to unpack a library into
/// a file system that is read-only.
public final class KeepAliveTransport implements Transport, io.vertx.core.spi.transport.Transport {
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final int PROBES = 3;
    /// From the last packet of a peer on, as long as an HTTP/2 client of Kubernetes gives it.
    static final Duration NOTICED = IDLE.plus(INTERVAL.multipliedBy(PROBES));

    private final io.vertx.core.spi.transport.Transport sockets = Transport.NIO.implementation();

    @Override
    public void configure(TcpConfig config, boolean domainSocket, Bootstrap client) {
        sockets.configure(config, domainSocket, client);
        if (config.isSoKeepAlive() && !domainSocket) {
            set(client, ExtendedSocketOptions.TCP_KEEPIDLE, Math.toIntExact(IDLE.toSeconds()));
            set(client, ExtendedSocketOptions.TCP_KEEPINTERVAL, Math.toIntExact(INTERVAL.toSeconds()));
            set(client, ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
        }
    }

    private static void set(Bootstrap client, SocketOption<Integer> option, int value) {
        client.option(NioChannelOption.of(option), value);
    }

    @Override
    public String name() {
        return Transport.NIO.name();
    }

    @Override
    public boolean available() {
        return true;
    }

    @Override
    public @Nullable Throwable unavailabilityCause() {
        return null;
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
        return this;
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return sockets.ioHandlerFactory();
    }

    @Override
    @SuppressWarnings("deprecation") // the parameter that the interface has
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        return sockets.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
        return sockets.datagramChannelFactory();
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return sockets.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return sockets.serverChannelFactory(domainSocket);
    }
}
