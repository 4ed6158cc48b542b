/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of the driver: every message, exit, injection and ioctl.  Those of
 * hypercalls and deposits are in base/trace.h.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mshv

#if !defined(_MSHV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _MSHV_TRACE_H

#include <linux/tracepoint.h>

#include <uapi/linux/mshv.h>

DECLARE_EVENT_CLASS(mshv_partition,
		    TP_PROTO(u64 partition_id, u64 value),
		    TP_ARGS(partition_id, value),
		    TP_STRUCT__entry(__field(u64, partition_id)
				     __field(u64, value)),
		    TP_fast_assign(__entry->partition_id = partition_id;
				   __entry->value = value;),
		    TP_printk("partition %#llx value %#llx", __entry->partition_id,
			      __entry->value)
);

DEFINE_EVENT(mshv_partition, mshv_partition_create,
	     TP_PROTO(u64 partition_id, u64 value),
	     TP_ARGS(partition_id, value));
DEFINE_EVENT(mshv_partition, mshv_partition_initialize,
	     TP_PROTO(u64 partition_id, u64 value),
	     TP_ARGS(partition_id, value));
DEFINE_EVENT(mshv_partition, mshv_vp_create,
	     TP_PROTO(u64 partition_id, u64 value),
	     TP_ARGS(partition_id, value));
DEFINE_EVENT(mshv_partition, mshv_quarantine,
	     TP_PROTO(u64 partition_id, u64 value),
	     TP_ARGS(partition_id, value));
DEFINE_EVENT(mshv_partition, mshv_routing,
	     TP_PROTO(u64 partition_id, u64 value),
	     TP_ARGS(partition_id, value));

TRACE_EVENT(mshv_ioctl,
	    TP_PROTO(unsigned int cmd, long ret),
	    TP_ARGS(cmd, ret),
	    TP_STRUCT__entry(__field(unsigned int, cmd)
			     __field(long, ret)),
	    TP_fast_assign(__entry->cmd = cmd;
			   __entry->ret = ret;),
	    TP_printk("%s ret %ld",
		      __print_symbolic(__entry->cmd,
				       { MSHV_CREATE_PARTITION, "CREATE_PARTITION" },
				       { MSHV_CHECK_EXTENSION, "CHECK_EXTENSION" },
				       { MSHV_INITIALIZE_PARTITION,
					 "INITIALIZE_PARTITION" },
				       { MSHV_CREATE_VP, "CREATE_VP" },
				       { MSHV_SET_GUEST_MEMORY, "SET_GUEST_MEMORY" },
				       { MSHV_IRQFD, "IRQFD" },
				       { MSHV_IOEVENTFD, "IOEVENTFD" },
				       { MSHV_SET_MSI_ROUTING, "SET_MSI_ROUTING" },
				       { MSHV_GET_GPAP_ACCESS_BITMAP,
					 "GET_GPAP_ACCESS_BITMAP" },
				       { MSHV_ROOT_HVCALL, "ROOT_HVCALL" },
				       { MSHV_RUN_VP, "RUN_VP" },
				       { MSHV_GET_VP_STATE, "GET_VP_STATE" },
				       { MSHV_SET_VP_STATE, "SET_VP_STATE" },
				       { MSHV_KICK_VP, "KICK_VP" },
				       { MSHV_RESET_VP, "RESET_VP" },
				       { MSHV_TRANSLATE_ADDRESS,
					 "TRANSLATE_ADDRESS" },
				       { MSHV_TRANSLATE_GVA, "TRANSLATE_GVA" }),
		      __entry->ret)
);

TRACE_EVENT(mshv_teardown,
	    TP_PROTO(u64 partition_id, unsigned int step, int ret),
	    TP_ARGS(partition_id, step, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(unsigned int, step)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->step = step;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx step %u ret %d", __entry->partition_id,
		      __entry->step, __entry->ret)
);

TRACE_EVENT(mshv_passthrough,
	    TP_PROTO(u64 partition_id, u16 code, unsigned int done, u16 status,
		     int ret),
	    TP_ARGS(partition_id, code, done, status, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u16, code)
			     __field(u16, status)
			     __field(unsigned int, done)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->code = code;
			   __entry->status = status;
			   __entry->done = done;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx code %#06x done %u status %#x ret %d",
		      __entry->partition_id, __entry->code, __entry->done,
		      __entry->status, __entry->ret)
);

TRACE_EVENT(mshv_message,
	    TP_PROTO(u32 type, u64 sender),
	    TP_ARGS(type, sender),
	    TP_STRUCT__entry(__field(u32, type)
			     __field(u64, sender)),
	    TP_fast_assign(__entry->type = type;
			   __entry->sender = sender;),
	    TP_printk("type %#x sender %#llx", __entry->type, __entry->sender)
);

TRACE_EVENT(mshv_exit,
	    TP_PROTO(u64 partition_id, u32 vp_index, u32 type, int ret),
	    TP_ARGS(partition_id, vp_index, type, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u32, vp_index)
			     __field(u32, type)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->vp_index = vp_index;
			   __entry->type = type;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx vp %u type %#x ret %d",
		      __entry->partition_id, __entry->vp_index, __entry->type,
		      __entry->ret)
);

TRACE_EVENT(mshv_dispatch,
	    TP_PROTO(u64 partition_id, u32 vp_index, u32 flags, u32 state,
		     u32 event),
	    TP_ARGS(partition_id, vp_index, flags, state, event),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u32, vp_index)
			     __field(u32, flags)
			     __field(u32, state)
			     __field(u32, event)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->vp_index = vp_index;
			   __entry->flags = flags;
			   __entry->state = state;
			   __entry->event = event;),
	    TP_printk("partition %#llx vp %u flags %#x state %u event %u",
		      __entry->partition_id, __entry->vp_index, __entry->flags,
		      __entry->state, __entry->event)
);

TRACE_EVENT(mshv_inject,
	    TP_PROTO(u64 partition_id, u64 destination, u32 vector, int ret),
	    TP_ARGS(partition_id, destination, vector, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u64, destination)
			     __field(u32, vector)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->destination = destination;
			   __entry->vector = vector;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx destination %#llx vector %#x ret %d",
		      __entry->partition_id, __entry->destination,
		      __entry->vector, __entry->ret)
);

TRACE_EVENT(mshv_acknowledge,
	    TP_PROTO(u64 partition_id, u32 vector, bool claimed),
	    TP_ARGS(partition_id, vector, claimed),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u32, vector)
			     __field(bool, claimed)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->vector = vector;
			   __entry->claimed = claimed;),
	    TP_printk("partition %#llx vector %#x%s", __entry->partition_id,
		      __entry->vector, __entry->claimed ? "" : " unclaimed")
);

TRACE_EVENT(mshv_doorbell,
	    TP_PROTO(u64 addr),
	    TP_ARGS(addr),
	    TP_STRUCT__entry(__field(u64, addr)),
	    TP_fast_assign(__entry->addr = addr;),
	    TP_printk("gpa %#llx", __entry->addr)
);

TRACE_EVENT(mshv_irqfd,
	    TP_PROTO(u64 partition_id, u32 gsi, u32 flags, int ret),
	    TP_ARGS(partition_id, gsi, flags, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u32, gsi)
			     __field(u32, flags)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->gsi = gsi;
			   __entry->flags = flags;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx gsi %u flags %#x ret %d",
		      __entry->partition_id, __entry->gsi, __entry->flags,
		      __entry->ret)
);

TRACE_EVENT(mshv_ioeventfd,
	    TP_PROTO(u64 partition_id, u64 addr, u32 len, bool remove, int ret),
	    TP_ARGS(partition_id, addr, len, remove, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u64, addr)
			     __field(u32, len)
			     __field(bool, remove)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->addr = addr;
			   __entry->len = len;
			   __entry->remove = remove;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx gpa %#llx len %u %s ret %d",
		      __entry->partition_id, __entry->addr, __entry->len,
		      __entry->remove ? "remove" : "add", __entry->ret)
);

TRACE_EVENT(mshv_memory,
	    TP_PROTO(u64 partition_id, u64 gfn, u64 pages, u64 uaddr, u32 flags,
		     int ret),
	    TP_ARGS(partition_id, gfn, pages, uaddr, flags, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u64, gfn)
			     __field(u64, pages)
			     __field(u64, uaddr)
			     __field(u32, flags)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->gfn = gfn;
			   __entry->pages = pages;
			   __entry->uaddr = uaddr;
			   __entry->flags = flags;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx gfn %#llx pages %llu uaddr %#llx flags %#x ret %d",
		      __entry->partition_id, __entry->gfn, __entry->pages,
		      __entry->uaddr, __entry->flags, __entry->ret)
);

TRACE_EVENT(mshv_fault,
	    TP_PROTO(u64 partition_id, u64 gfn, u8 access, int ret),
	    TP_ARGS(partition_id, gfn, access, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u64, gfn)
			     __field(u8, access)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->gfn = gfn;
			   __entry->access = access;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx gfn %#llx %s ret %d",
		      __entry->partition_id, __entry->gfn,
		      __print_symbolic(__entry->access, { 0, "read" },
				       { 1, "write" }, { 2, "execute" }),
		      __entry->ret)
);

TRACE_EVENT(mshv_vp_state,
	    TP_PROTO(u64 partition_id, u32 vp_index, u8 type, bool set, int ret),
	    TP_ARGS(partition_id, vp_index, type, set, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u32, vp_index)
			     __field(u8, type)
			     __field(bool, set)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->vp_index = vp_index;
			   __entry->type = type;
			   __entry->set = set;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx vp %u %s type %u ret %d",
		      __entry->partition_id, __entry->vp_index,
		      __entry->set ? "set" : "get", __entry->type,
		      __entry->ret)
);

TRACE_EVENT(mshv_vp_reset,
	    TP_PROTO(u64 partition_id, u32 vp_index, int ret),
	    TP_ARGS(partition_id, vp_index, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u32, vp_index)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->vp_index = vp_index;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx vp %u ret %d", __entry->partition_id,
		      __entry->vp_index, __entry->ret)
);

TRACE_EVENT(mshv_access_bitmap,
	    TP_PROTO(u64 partition_id, u64 gfn, u64 pages, u8 type, u8 op,
		     int ret),
	    TP_ARGS(partition_id, gfn, pages, type, op, ret),
	    TP_STRUCT__entry(__field(u64, partition_id)
			     __field(u64, gfn)
			     __field(u64, pages)
			     __field(u8, type)
			     __field(u8, op)
			     __field(int, ret)),
	    TP_fast_assign(__entry->partition_id = partition_id;
			   __entry->gfn = gfn;
			   __entry->pages = pages;
			   __entry->type = type;
			   __entry->op = op;
			   __entry->ret = ret;),
	    TP_printk("partition %#llx gfn %#llx pages %llu type %u op %u ret %d",
		      __entry->partition_id, __entry->gfn, __entry->pages,
		      __entry->type, __entry->op, __entry->ret)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
