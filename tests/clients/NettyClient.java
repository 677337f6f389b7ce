/** Netty's client with its own WebSocketClientCompressionHandler. Usage: java -cp ... NettyClient.java ws://... */
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.*;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.*;
import io.netty.handler.codec.http.websocketx.*;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketClientCompressionHandler;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import java.io.PrintStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.*;
import java.security.MessageDigest;
import java.util.*;
import java.util.regex.*;

public class NettyClient extends SimpleChannelInboundHandler<WebSocketFrame> {
  final List<Object> messages = new ArrayList<>();
  final List<String> answers = new ArrayList<>();
  String close = "{\"wasClean\":false,\"code\":1006,\"reason\":\"\"}";
  Throwable error;

  public static void main(String[] args) throws Exception {
    URI url = URI.create(args[0]);
    NettyClient client = new NettyClient();
    String scenes = Files.readString(Path.of("tests/clients/scenes.json"), UTF_8);
    Matcher found = Pattern.compile("\\{ \"binary\": (\\d+) \\}|\"([^\"]*)\"").matcher(scenes.replaceAll("(?s)^[^\\[]*|\\].*", ""));
    while (found.find()) client.messages.add(found.group(1) == null ? found.group(2) : bytes(Integer.parseInt(found.group(1))));

    NioEventLoopGroup group = new NioEventLoopGroup(1);
    new Bootstrap().group(group).channel(NioSocketChannel.class).handler(new ChannelInitializer<SocketChannel>() {
      @Override
      protected void initChannel(SocketChannel channel) throws Exception {
        if (url.getScheme().equals("wss")) {
          var context = SslContextBuilder.forClient().trustManager(new File(System.getenv("SSL_CERT_FILE"))).build();
          channel.pipeline().addLast(context.newHandler(channel.alloc()));
        }
        WebSocketClientHandshaker handshaker = WebSocketClientHandshakerFactory.newHandshaker(
            url, WebSocketVersion.V13, null, true, new DefaultHttpHeaders(), 1 << 24);
        channel.pipeline().addLast(new HttpClientCodec(), new HttpObjectAggregator(8192),
            WebSocketClientCompressionHandler.INSTANCE, new WebSocketClientProtocolHandler(handshaker, false), client);
      }
    }).connect(url.getHost(), url.getPort()).sync().channel().closeFuture().sync();
    group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).sync();

    if (client.error != null) throw new Exception(client.error);
    new PrintStream(System.out, true, UTF_8).println("{\"answers\":" + client.answers + ",\"close\":" + client.close + "}");
  }

  static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) bytes[i] = (byte) (i % 251);
    return bytes;
  }

  void send(ChannelHandlerContext context, Object message) {
    context.writeAndFlush(message instanceof String ? new TextWebSocketFrame((String) message)
        : new BinaryWebSocketFrame(Unpooled.wrappedBuffer((byte[]) message)));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) send(context, messages.get(0));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) throws Exception {
    if (frame instanceof CloseWebSocketFrame) {
      CloseWebSocketFrame end = (CloseWebSocketFrame) frame;
      close = "{\"wasClean\":true,\"code\":" + end.statusCode() + ",\"reason\":\"" + end.reasonText() + "\"}";
      return;
    }
    answers.add(describe(frame));
    if (answers.size() < messages.size()) send(context, messages.get(answers.size()));
    else if (answers.size() == messages.size()) messages.forEach((message) -> send(context, message));
    else if (answers.size() == 2 * messages.size()) context.writeAndFlush(new CloseWebSocketFrame(3001, "bye"));
  }

  static String describe(WebSocketFrame frame) throws Exception {
    if (frame instanceof TextWebSocketFrame) return "\"" + ((TextWebSocketFrame) frame).text() + "\"";
    byte[] bytes = ByteBufUtil.getBytes(frame.content());
    String digest = String.format("%064x", new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(bytes)));
    return "{\"binary\":" + bytes.length + ",\"sha256\":\"" + digest + "\"}";
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    error = cause;
    context.close();
  }
}
