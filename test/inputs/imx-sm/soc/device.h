/* Numbers of the resources of the invented SoC. */
#ifndef DEVICE_H
#define DEVICE_H

#define SLICE_WAKE            2U  /* not the first: 0 and 1 are others */
#define DEV_SM_NUM_POWER      6U
#define DEV_SM_PD_AON         0U
#define DEV_SM_PD_SPARE       (DEV_SM_PD_AON + 1U)
#define DEV_SM_PD_WAKE        SLICE_WAKE
#define DEV_SM_PD_DISPLAY     3U
#define DEV_SM_PD_CPU         4U
#define DEV_SM_PD_COPRO       0x5U
#define DEV_SM_NUM_POWER_STATE  2U

#define DEV_SM_NUM_CLOCK      5U
#define DEV_SM_CLK_OSC        0U
#define DEV_SM_CLK_PLL        1U
#define DEV_SM_CLK_UART1      2U
#define DEV_SM_CLK_UART2      3U
#define DEV_SM_CLK_PIXEL      4U

#define DEV_SM_NUM_SENSOR     1UL
#define BRD_SM_NUM_SENSOR     1UL
#define DEV_SM_SENSOR_TEMP    0U
#define BRD_SM_SENSOR_PMIC    (DEV_SM_NUM_SENSOR + 0U)

#define DEV_SM_NUM_AGENT      3U
#define DEV_SM_BASE_DEV_DMA   (DEV_SM_NUM_AGENT + 0U)

#define DEV_SM_PERF_CPU       0U
#define DEV_SM_RST_DISPLAY    0U
#define DEV_SM_VOLT_CPU       0U
#define DEV_SM_PIN_PAD0       0U
#define DEV_SM_PIN_PAD1       1U
#endif
