#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "proxy-service/catalog/model_catalog.h"
#include "proxy-service/worker/worker.h"

namespace vdm::proxy {

/// What a thread serves requests with: a worker, and the model lists of its configuration's
/// providers. Thread: its IoThread.
struct ServingWorker : Worker {
  ServingWorker(WorkerResources& thread, std::shared_ptr<ConfigSnapshot> generation,
                std::size_t thread_index, const DiskAccess& disk, const Worker* before = nullptr)
      : Worker(thread, std::move(generation), thread_index, before),
        models(config.providers.size(), config.data_dir, disk) {
    listed_models = &models;
  }

  ModelCatalog models;
};

}  // namespace vdm::proxy
