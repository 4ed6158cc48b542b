/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of the base layer: every hypercall, deposit and withdrawal.  They
 * belong to the driver's trace system.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mshv

#if !defined(_HVR_BASE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _HVR_BASE_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(mshv_hypercall,
	    TP_PROTO(u16 code, unsigned int reps, unsigned int start, u64 result),
	    TP_ARGS(code, reps, start, result),
	    TP_STRUCT__entry(__field(u16, code)
			     __field(u16, reps)
			     __field(u16, start)
			     __field(u64, result)),
	    TP_fast_assign(__entry->code = code;
			   __entry->reps = reps;
			   __entry->start = start;
			   __entry->result = result;),
	    TP_printk("code %#06x reps %u start %u status %#llx done %llu",
		      __entry->code, __entry->reps, __entry->start,
		      __entry->result & 0xffff, (__entry->result >> 32) & 0xfff)
);

DECLARE_EVENT_CLASS(mshv_pool,
		    TP_PROTO(u64 partition_id, u64 pages, int ret),
		    TP_ARGS(partition_id, pages, ret),
		    TP_STRUCT__entry(__field(u64, partition_id)
				     __field(u64, pages)
				     __field(int, ret)),
		    TP_fast_assign(__entry->partition_id = partition_id;
				   __entry->pages = pages;
				   __entry->ret = ret;),
		    TP_printk("partition %#llx pages %llu ret %d", __entry->partition_id,
			      __entry->pages, __entry->ret)
);

DEFINE_EVENT(mshv_pool, mshv_deposit,
	     TP_PROTO(u64 partition_id, u64 pages, int ret),
	     TP_ARGS(partition_id, pages, ret));
DEFINE_EVENT(mshv_pool, mshv_withdraw,
	     TP_PROTO(u64 partition_id, u64 pages, int ret),
	     TP_ARGS(partition_id, pages, ret));

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH base
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
