"""Whether the parts of the server are well, for admins. Starting and stopping them is the supervisor's business."""

import asyncio

from litestar import get, post
from litestar.handlers import BaseRouteHandler

from librephotos import __version__
from librephotos.accounts.guard import admin
from librephotos.accounts.scopes import SERVER_READ
from librephotos.accounts.server import Server
from librephotos.errors import Refusal
from librephotos.http.refusals import Message, Mistake
from librephotos.jobs.workers import is_any_alive
from librephotos.site.health_routes import is_database_well
from librephotos.site.machine import available_memory_mib, describe_cpu, measure_storage, to_mib
from librephotos.site.queries.accounts import list_account_numbers
from librephotos.site.schemas import ServerStats, ServiceHealth, ServiceRefused, Services
from librephotos.site.services import DATABASE, SERVICES, WORKER, Service, list_ports


@get("/api/services/", who=admin, scope=SERVER_READ)
async def list_services(server: Server) -> Services:
    """The parts of the server by name, with the port of those that have one."""
    return Services(list_ports(server.settings))


@get("/api/services/{name:str}/", who=admin, scope=SERVER_READ, refusals={404: Mistake})
async def get_service(server: Server, name: str) -> ServiceHealth:
    """Whether one part works, and whether it is switched on."""
    service = _find(name)
    is_well = await _is_well(server, name, service)
    return ServiceHealth(name, is_well, service.is_enabled(server.settings), service.feature_flag)


@post(
    "/api/services/{name:str}/start/",
    who=admin,
    scope="server:manage",
    status_code=200,
    refusals={404: Mistake, 409: ServiceRefused, 500: Mistake},
)
async def start_service(server: Server, name: str) -> Message:
    """Succeeds for what runs: the server starts its parts itself, and again when they end."""
    service = _find(name)
    if not service.is_enabled(server.settings):
        error = f"Service {name} is switched off by LIBREPHOTOS_{service.feature_flag}"
        raise Refusal(409, {"error": error, "feature_flag": service.feature_flag})
    if not await _is_well(server, name, service):
        raise Refusal(500, {"error": f"Failed to start service {name}"})
    return Message(f"Service {name} started successfully")


@post(
    "/api/services/{name:str}/stop/",
    who=admin,
    scope="server:manage",
    status_code=200,
    refusals={404: Mistake, 409: ServiceRefused},
)
async def stop_service(name: str) -> Message:
    """Always refused: no part can be stopped by itself; jobs can be paused."""
    service = _find(name)
    error = f"Service {name} is a part of the server and cannot be stopped by itself; jobs can be paused"
    raise Refusal(409, {"error": error, "feature_flag": service.feature_flag})


@get("/api/serverstats/", who=admin, scope=SERVER_READ)
async def get_server_stats(server: Server) -> ServerStats:
    """The machine, its disk, and numbers of every account."""
    storage = await asyncio.to_thread(measure_storage, server.settings)
    users = await server.db.read_heavy(list_account_numbers)
    return ServerStats(
        cpu_info=describe_cpu(),
        image_tag=__version__,
        available_ram_in_mb=available_memory_mib(),
        gpu_name="",
        gpu_memory_in_mb="",
        total_storage_in_mb=to_mib(storage.total_storage),
        used_storage_in_mb=to_mib(storage.used_storage),
        free_storage_in_mb=to_mib(storage.free_storage),
        number_of_users=len(users),
        users=users,
    )


def _find(name: str) -> Service:
    if name not in SERVICES:
        raise Refusal(404, {"error": f"Service {name} not found"})
    return SERVICES[name]


async def _is_well(server: Server, name: str, service: Service) -> bool:
    if name == DATABASE:
        return await is_database_well(server.db)
    if name == WORKER:
        return await server.db.read(is_any_alive)
    return service.is_there is not None and await asyncio.to_thread(service.is_there, server.settings)


ROUTES: list[BaseRouteHandler] = [
    list_services,
    get_service,
    start_service,
    stop_service,
    get_server_stats,
]
