//go:build !slim

package standalone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

// clusterName is the name under which the server knows itself; it is stored,
// so it never changes.
const clusterName = "active"

// Included says whether this binary has the server.
const Included = true

// Server is a running Temporal server.
type Server struct {
	address string
	log     *logger
	server  temporal.Server
}

// Start prepares the files, starts the server and returns once it answers.
// Stop must be called; a process that is killed instead loses nothing.
func Start(ctx context.Context, c Config) (*Server, error) {
	if c.Retention < time.Hour {
		return nil, fmt.Errorf("retention of the embedded Temporal server is %s; at least 1h is needed", c.Retention)
	}
	main := sqlStore(filepath.Join(c.Dir, "temporal.db"), "full")
	visibility := sqlStore(filepath.Join(c.Dir, "visibility.db"), "normal")
	if err := prepare(ctx, c, main, visibility); err != nil {
		return nil, err
	}
	ports, err := reservePorts(c.Address)
	if err != nil {
		return nil, err
	}
	log := newLogger(c.Logger)
	server, err := temporal.NewServer(options(serverConfig(ports, main, visibility), ports, log)...)
	if err != nil {
		return nil, fmt.Errorf("compose the embedded Temporal server: %w", err)
	}
	s := &Server{address: ports.frontend(), log: log, server: server}
	if err := server.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the embedded Temporal server: %w", err), s.Stop())
	}
	log.phase.Store(running)
	return s, nil
}

// Address returns where the server listens, "host:port".
func (s *Server) Address() string { return s.address }

// Stop ends the server and waits for it. Clients and workers should be closed before.
func (s *Server) Stop() error {
	s.log.phase.Store(stopping)
	return s.server.Stop()
}

// prepare makes the tables and the namespace where they are missing.
func prepare(ctx context.Context, c Config, main, visibility *config.SQL) error {
	if err := makeTables(ctx, filepath.Join(c.Dir, "temporal.db"), inMain); err != nil {
		return err
	}
	if err := makeTables(ctx, filepath.Join(c.Dir, "visibility.db"), inVisibility); err != nil {
		return err
	}
	return makeNamespace(main, c.Namespace, c.Retention)
}

// addresses are the loopback addresses of the four services, by service.
type addresses struct {
	host  string
	ports map[primitives.ServiceName]int
}

func (a addresses) of(service primitives.ServiceName) string {
	return net.JoinHostPort(a.host, strconv.Itoa(a.ports[service]))
}

func (a addresses) frontend() string { return a.of(primitives.FrontendService) }

// reservePorts chooses the ports of the services; only the frontend's is known
// to anybody else.
func reservePorts(address string) (addresses, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return addresses{}, fmt.Errorf("address of the embedded Temporal server: %w", err)
	}
	a := addresses{host: host, ports: map[primitives.ServiceName]int{}}
	for _, service := range services() {
		wanted := "0"
		if service == primitives.FrontendService {
			wanted = port
		}
		if a.ports[service], err = reservePort(host, wanted); err != nil {
			return addresses{}, fmt.Errorf("address of the embedded Temporal server: %w", err)
		}
	}
	return a, nil
}

// reservePort finds out whether the port is free, or finds a free one. A
// connection is made and closed, so that the system does not hand a port that
// it chose to the next program that asks for any.
func reservePort(host, port string) (int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }() // nothing was written
	chosen := listener.Addr().(*net.TCPAddr).Port
	if port != "0" {
		return chosen, nil
	}
	caller, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return 0, err
	}
	defer func() { _ = caller.Close() }() // nothing was written
	called, err := listener.Accept()
	if err != nil {
		return 0, err
	}
	return chosen, called.Close()
}

func services() []primitives.ServiceName {
	return []primitives.ServiceName{
		primitives.FrontendService, primitives.HistoryService, primitives.MatchingService, primitives.WorkerService,
	}
}

// serverConfig is a server of one history shard, the best for one process.
// Source: docs/architecture.md#the-embedded-temporal-server.
func serverConfig(a addresses, main, visibility *config.SQL) *config.Config {
	c := &config.Config{
		Global: config.Global{Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: a.host}},
		Persistence: config.Persistence{
			DefaultStore: "main", VisibilityStore: "visibility", NumHistoryShards: 1,
			DataStores: map[string]config.DataStore{"main": {SQL: main}, "visibility": {SQL: visibility}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: clusterName, CurrentClusterName: clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: a.frontend()},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: a.frontend()},
		Services:            map[string]config.Service{},
	}
	for _, service := range services() {
		c.Services[string(service)] = config.Service{RPC: config.RPC{GRPCPort: a.ports[service], BindOnIP: a.host}}
	}
	c.Archival.History.State, c.Archival.Visibility.State = "disabled", "disabled"
	c.NamespaceDefaults.Archival.History.State, c.NamespaceDefaults.Archival.Visibility.State = "disabled", "disabled"
	return c
}

func options(c *config.Config, a addresses, log *logger) []temporal.ServerOption {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for _, service := range services() {
		hosts[service] = static.SingleLocalHost(a.of(service))
	}
	return []temporal.ServerOption{
		temporal.WithConfig(c),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithLogger(log),
		temporal.WithNamespaceLogger(log),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
		temporal.WithDynamicConfigClient(tuning()),
	}
}

// tuning is what differs from a cluster: one partition per task queue, since
// one process has nobody to share with; no limit on the only tenant; none of
// the scanners, which mend what SQL stores do not break. The workflows that were used
// last stay in memory, some 20 kB each, whether they sleep for a year or have ended.
func tuning() dynamicconfig.StaticClient {
	const unlimited, remembered = 100_000, 5000
	return dynamicconfig.StaticClient{
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		dynamicconfig.FrontendRPS.Key():                         unlimited,
		dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key():  unlimited,
		dynamicconfig.HistoryPersistenceMaxQPS.Key():            unlimited,
		dynamicconfig.MatchingPersistenceMaxQPS.Key():           unlimited,
		dynamicconfig.FrontendPersistenceMaxQPS.Key():           unlimited,
		dynamicconfig.HistoryCacheHostLevelMaxSize.Key():        remembered,
		dynamicconfig.TaskQueueScannerEnabled.Key():             false,
		dynamicconfig.HistoryScannerEnabled.Key():               false,
		dynamicconfig.BuildIdScavengerEnabled.Key():             false,
	}
}
