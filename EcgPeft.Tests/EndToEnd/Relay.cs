using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>The wire between a browser and a dashboard, to be cut and mended: a closed laptop, a lost network.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, byte> _open = [];
    private readonly Task _accepting;
    private readonly int _target;
    private volatile bool _cut;

    /// <param name="address">The dashboard's address.</param>
    public Relay(string address)
    {
        _target = new Uri(address).Port;
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    /// <summary>Where the browser looks.</summary>
    public string Address { get; }

    /// <summary>Every connection breaks, and no new one comes about.</summary>
    public void Cut()
    {
        _cut = true;
        foreach (var end in _open.Keys) end.Dispose();
    }

    /// <summary>New connections come about again.</summary>
    public void Mend() => _cut = false;

    public async ValueTask DisposeAsync()
    {
        Cut();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = JoinAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task JoinAsync(TcpClient browser)
    {
        var dashboard = new TcpClient();
        (_open[browser], _open[dashboard]) = (0, 0);
        try
        {
            if (_cut) return;
            await dashboard.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(browser.GetStream().CopyToAsync(dashboard.GetStream()), dashboard.GetStream().CopyToAsync(browser.GetStream()));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
        finally
        {
            foreach (var end in new[] { browser, dashboard })
            {
                _open.TryRemove(end, out _);
                end.Dispose();
            }
        }
    }
}
